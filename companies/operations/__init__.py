"""What can be done with companies: take in a delivery, replace an account."""

from companies.operations.accounts import WrongAccount, replace_account
from companies.operations.deliveries import (
    FutureData,
    NotYourDataset,
    OtherBytes,
    OtherDay,
    WrongDeliveryId,
    deliver,
    id_by_content,
)
from companies.operations.third_parties import (
    CheckedByMaker,
    NothingToCheck,
    WrongPayee,
    check_account,
    enter_account,
    turn_down_account,
)
from companies.operations.tokens import hand_out_token

__all__ = [
    "CheckedByMaker",
    "FutureData",
    "NotYourDataset",
    "NothingToCheck",
    "OtherBytes",
    "OtherDay",
    "WrongAccount",
    "WrongDeliveryId",
    "WrongPayee",
    "check_account",
    "deliver",
    "enter_account",
    "hand_out_token",
    "id_by_content",
    "replace_account",
    "turn_down_account",
]
