"""A seeded generator of the files that the departments of an invented Hangzhou share."""

from qinqing.demo.city.city import ABOUT_PEOPLE, CityFile, cast_codes, write_city
from qinqing.demo.city.firms import CAST
from qinqing.demo.city.plan import CityPlan, NoSuchCity, usual_employees

__all__ = ["ABOUT_PEOPLE", "CAST", "CityFile", "CityPlan", "NoSuchCity", "cast_codes", "usual_employees", "write_city"]
