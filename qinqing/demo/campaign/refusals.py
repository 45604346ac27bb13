"""The errors with which a campaign stops: each is one sentence for the person at the terminal."""

from __future__ import annotations

from payouts.banks.gateway import BooksUnavailable
from qinqing.demo.campaign.database import MayNotCreateDatabases
from qinqing.demo.campaign.product import AlreadyRunning
from qinqing.demo.campaign.stages.arrivals import NotDelivered
from qinqing.demo.campaign.stages.files import NotWritten
from qinqing.demo.campaign.stages.forms import NoSuchForm
from qinqing.demo.campaign.stages.portal import PortalRefused
from qinqing.demo.campaign.waits import MatchingStopped
from qinqing.demo.campaign.watch import Stalled
from qinqing.demo.city.plan import NoSuchCity
from qinqing.demo.people import NotInProduction
from qinqing.kernel.refusals import Refusal
from qinqing.services.supervisor import ChildDied, ChildIsSilent

REFUSALS = (
    Refusal,
    BooksUnavailable,
    AlreadyRunning,
    NotDelivered,
    NotWritten,
    MayNotCreateDatabases,
    NoSuchCity,
    NoSuchForm,
    PortalRefused,
    MatchingStopped,
    Stalled,
    NotInProduction,
    ChildDied,
    ChildIsSilent,
)
