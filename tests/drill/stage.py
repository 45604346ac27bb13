"""The stage of a drill: the product that runs, the people of its demo, and a fund that is paid by files."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from qinqing.demo.people import LOGINS
from tests.drill.visitor import NotReached, Page, Visitor

# The fund whose payouts leave in a file, and the bank that takes it.
POLICY, FILE_BANK = "P-01", "1"
PROPOSALS = "/admin/proposals/proposal/"
_OFFICIALS = {login.username for login in LOGINS if login.role or login.is_superuser}
_PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Batch:
    """A batch of the fund: where its pages are, and the end-to-end ids of its lines."""

    path: str
    count: str
    total: str
    ids: list[str] = field(default_factory=list)

    @property
    def payouts(self) -> list[int]:
        """The numbers of the payouts, as the ids name them."""
        return [int(each[1:-3]) for each in self.ids]


@dataclass(eq=False)
class Stage:
    """
    The product at `address`, with the city of the demo; `database` is where the product reaches its database.
    """

    address: str
    database: str
    _people: dict[str, Visitor] = field(default_factory=dict)

    def person(self, username: str) -> Visitor:
        """Somebody of the demo, signed in."""
        if username not in self._people:
            self._people[username] = Visitor(self.address, username).sign_in(has_factor=username in _OFFICIALS)
        return self._people[username]

    def stranger(self) -> Visitor:
        """Somebody who is not signed in."""
        return Visitor(self.address)

    @cached_property
    def firm(self) -> str:
        """The page of the owner's firm."""
        return self.person("owner").open("/firms/").find(r'href="(/firms/[0-9A-Z]{18}/)"')

    @cached_property
    def fund(self) -> str:
        """The pages of the fund; from now on a bank that takes files pays it."""
        number = (
            self.person("clerk").open(f"/admin/payouts/fund/?q={POLICY}").find(r"/admin/payouts/fund/(\d+)/change/")
        )
        fund = f"/admin/payouts/fund/{number}/"
        # Refused while payments of the fund are on their way to another bank.
        wait_for(
            lambda: self.person("clerk").submit(f"{fund}bank/", bank=FILE_BANK, because="a drill: files from today"),
            lambda page: "on their way" not in page.words,
        )
        self.confirm("finance", self.latest_proposal("clerk"))
        return fund

    @cached_property
    def batch(self) -> Batch:
        """A batch of what the owner claims of the fund, opened by the maker."""
        fund, maker = self.fund, self.person("finance")
        self.person("owner").submit(self.firm, to=f"{self.firm}claims/")
        number = fund.rstrip("/").rpartition("/")[2]
        opened = wait_for(
            lambda: maker.submit("/admin/payouts/batch/collect/", fund=number),
            lambda page: page.path.endswith("/change/"),
        )
        count, total = opened.find(r"(\d+) lines? of"), opened.find(r"lines? of ¥([0-9,.]+) in all")
        return Batch(opened.path.removesuffix("change/"), count, total)

    def confirm(self, username: str, proposal: str) -> Page:
        """Have somebody confirm a proposal, whether the page offers it or not."""
        return self.person(username).post(f"{proposal}confirm/")

    def latest_proposal(self, username: str) -> str:
        """The pages of the latest proposal that the person may read."""
        number = self.person(username).open(PROPOSALS).find(r"/admin/proposals/proposal/(\d+)/change/")
        return f"{PROPOSALS}{number}/"

    def is_open(self, proposal: str) -> bool:
        """Whether a proposal still waits."""
        return "to be confirmed" in self.person("auditor").open(f"{proposal}change/").words


def wait_for(ask: Callable[[], Page], is_there: Callable[[Page], bool]) -> Page:
    """
    Ask until the page is as expected.

    Raises:
        NotReached: it is not, after a minute.
    """
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while not is_there(page := ask()):
        if time.monotonic() > ends_at:
            raise NotReached(f"{page.path} did not become what was waited for: {page.words[-300:]}")
        time.sleep(0.5)
    return page


def list_ids(page: Page) -> list[str]:
    """The end-to-end ids on a page, each once."""
    return list(dict.fromkeys(re.findall(r"\bQ\d{15}A\d{2}\b", page.text)))
