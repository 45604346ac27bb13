"""Addresses of the departments' API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from companies.deliveries import api

urlpatterns = [
    path("deliveries/", api.Deliveries.as_view(), name="api-deliveries"),
    path("deliveries/<str:delivery_id>/", api.DeliveryDetail.as_view(), name="api-delivery"),
    path("datasets/", api.Datasets.as_view(), name="api-datasets"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
