"""The public dashboard."""

from __future__ import annotations

from django.urls import path

from qinqing.cockpit import views

urlpatterns = [path("cockpit/", views.cockpit, name="cockpit")]
