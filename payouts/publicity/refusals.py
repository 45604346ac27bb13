"""Why an objection is not recorded, confirmed or taken up."""

from __future__ import annotations

from qinqing.kernel.refusals import Refusal


class ObjectionRefused(Refusal):
    """The objection was not recorded; the sentence gives the reason, and the next thing to do."""


class NotPublicised(ObjectionRefused):
    """The payout is not on the public list now."""


class TooManyObjections(ObjectionRefused):
    """The sender, the contact or the payout has reached the limit of objections."""
