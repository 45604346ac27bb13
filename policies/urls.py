"""The public text of policies, and why a firm is or is not entitled."""

from __future__ import annotations

from django.urls import path

from policies import views

urlpatterns = [
    path("policies/<str:code>/", views.policy, name="policy"),
    path("policies/<str:code>/list/", views.white_list, name="white-list"),
    path("calculator/", views.calculators, name="calculators"),
    path("policies/<str:code>/calculator/", views.calculator, name="calculator"),
    path("firms/<str:credit_code>/policies/<str:code>/", views.reasons, name="reasons"),
]
