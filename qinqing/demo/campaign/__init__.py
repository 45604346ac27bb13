"""The main job from end to end, on a city that does not exist."""

from qinqing.demo.campaign.city_state import CityState, city_state
from qinqing.demo.campaign.course import Campaign, run
from qinqing.demo.campaign.database import MayNotCreateDatabases, use_fresh_database
from qinqing.demo.campaign.product import Running, folder_of_database, running_product
from qinqing.demo.campaign.progress import Phases
from qinqing.demo.campaign.refusals import REFUSALS
from qinqing.demo.campaign.watch import Watch

__all__ = [
    "REFUSALS",
    "Campaign",
    "CityState",
    "MayNotCreateDatabases",
    "Phases",
    "Running",
    "Watch",
    "city_state",
    "folder_of_database",
    "run",
    "running_product",
    "use_fresh_database",
]
