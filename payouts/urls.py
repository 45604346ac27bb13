"""The addresses of the firm's pages, of the public list, and of the form of an objection."""

from __future__ import annotations

from django.urls import path

from payouts.portal.views import claim_progress, claims, entitlement, firm, firms, history_as_file, prepared, receipt
from payouts.publicity.views import contact, objection, publicity
from payouts.recovery.views import hearing_notice, recovery

urlpatterns = [
    path("publicity/", publicity, name="publicity"),
    path("publicity/<int:payout_id>/objection/", objection, name="objection"),
    path("publicity/objections/<uuid:reference>/", contact, name="objection-contact"),
    path("firms/", firms, name="firms"),
    path("firms/<str:credit_code>/", firm, name="firm"),
    path("firms/<str:credit_code>/claims/", claims, name="history"),
    path("firms/<str:credit_code>/claims/", claims, name="claim"),
    path("firms/<str:credit_code>/claims/file/", history_as_file, name="history-file"),
    path("firms/<str:credit_code>/claims/<int:claim_id>/", claim_progress, name="claim-progress"),
    path("firms/<str:credit_code>/prepared/", prepared, name="prepared"),
    path("firms/<str:credit_code>/entitlements/<int:entitlement_id>/", entitlement, name="entitlement"),
    path("firms/<str:credit_code>/payouts/<int:payout_id>/", receipt, name="receipt"),
    path("firms/<str:credit_code>/recoveries/<int:recovery_id>/", recovery, name="recovery"),
    path("firms/<str:credit_code>/notices/<int:notice_id>/", hearing_notice, name="hearing-notice"),
]
