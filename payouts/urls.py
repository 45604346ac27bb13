"""What a firm can claim, has claimed and was paid."""

from __future__ import annotations

from django.urls import path

from payouts import views

urlpatterns = [
    path("publicity/", views.publicity, name="publicity"),
    path("publicity/<int:payout_id>/objection/", views.objection, name="objection"),
    path("firms/", views.firms, name="firms"),
    path("firms/<str:credit_code>/", views.firm, name="firm"),
    path("firms/<str:credit_code>/claims/", views.claims, name="history"),
    path("firms/<str:credit_code>/claims/", views.claims, name="claim"),
    path("firms/<str:credit_code>/claims/file/", views.history_as_file, name="history-file"),
    path("firms/<str:credit_code>/claims/<int:claim_id>/", views.claim_progress, name="claim-progress"),
    path("firms/<str:credit_code>/entitlements/<int:entitlement_id>/", views.entitlement, name="entitlement"),
    path("firms/<str:credit_code>/payouts/<int:payout_id>/", views.receipt, name="receipt"),
    path("firms/<str:credit_code>/recoveries/<int:recovery_id>/", views.recovery, name="recovery"),
]
