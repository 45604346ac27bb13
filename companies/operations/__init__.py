"""What can be done with companies: take in a delivery, replace an account."""

from companies.operations.accounts import WrongAccount, replace_account
from companies.operations.deliveries import FutureData, NotYourDataset, OtherBytes, WrongDeliveryId, deliver

__all__ = [
    "FutureData",
    "NotYourDataset",
    "OtherBytes",
    "WrongAccount",
    "WrongDeliveryId",
    "deliver",
    "replace_account",
]
