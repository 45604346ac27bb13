"""The stretches of time that the departments' files cover."""

from __future__ import annotations

from datetime import date

INSURANCE_MONTHS = tuple(f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13))
INSURANCE_YEARS = (2021, 2022)
TAX_YEARS = (2019, 2020, 2021, 2022)
SALES_MONTHS = tuple(f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13))[:15]
OUTPUT_QUARTERS = ("2022Q1", "2022Q2", "2022Q3", "2022Q4", "2023Q1", "2023Q2", "2023Q3")
BILL_MONTHS = ("2022-06", "2022-07", "2022-08")
RENT_MONTHS = ("2022-03", "2022-04", "2022-05")
RESEARCH_YEARS = (2021, 2022)
# The months of a new shop's first full year in the library.
FIRST_SALES_MONTHS = tuple(f"2023-{month:02d}" for month in range(1, 13))
# The half-year in the middle of which the rate for persons in hardship changed.
CONTRIBUTION_MONTHS = ("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04")


def month_of(day: date) -> str:
    """The month of a day as the files write it."""
    return f"{day.year}-{day.month:02d}"


def months_from(first: str, count: int) -> list[str]:
    """So many months in a row, as the files write them."""
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(start, start + count)]


def months_between(start: date, end: date) -> int:
    """How many months begin from the start's month on until the end's month, none before the start."""
    return max((end.year - start.year) * 12 + end.month - start.month, 0)
