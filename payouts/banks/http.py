"""A bank that is reached over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import httpx
import structlog
from django.conf import settings

from payouts.banks.gateway import (
    Answer,
    BankResponse,
    BooksUnavailable,
    ExecutedPayment,
    OutcomeWord,
    PaymentOrder,
    ReturnPage,
)
from payouts.banks.interface import read_interface
from payouts.banks.tls import Certificates, make_context
from qinqing.kernel.money import LARGEST_CNY, parse_number

log = structlog.get_logger()

OUTCOMES: dict[str, OutcomeWord] = {
    "paid": "paid",
    "refused": "refused",
    "unknown": "unknown",
    "returned": "returned",
    # The instruction came after its cut-off, so the bank never executes it. The platform treats it as unseen: it asks
    # again until the bank's clock is past the cut-off, and then sends a new instruction.
    "expired": "unknown",
}
STATEMENT_PAGE = 5_000
# The errors of a silent bank, and of an answer that nobody can read: no JSON, other fields than ours, bad numbers.
TROUBLE = (httpx.HTTPError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
# An answer about 2,000 orders has some 400 kB, so a longer one is not about our orders.
LONGEST_ANSWER_BYTES = 20_000_000
NO_CERTIFICATES = Certificates()


class HttpBank:
    """
    The payment interface of one bank.

    Neither this class nor httpx repeats a request, so no order is sent twice. An order without a complete answer is in
    doubt, also if the bank refused the whole request.
    """

    def __init__(
        self, *, url: str, token: str, timeout_seconds: float, certificates: Certificates = NO_CERTIFICATES
    ) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 3.0)),
            # The settings alone name the bank; a proxy of the environment must not stand in between.
            trust_env=False,
            verify=make_context(certificates),
        )

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        """Have the orders executed; each is then answered or in doubt."""
        return self._post("/v1/payments", {"payments": [_order_as_json(order) for order in orders]})

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        """Ask for the outcomes of orders, without any effect."""
        return self._post("/v1/payments/query", {"end_to_end_ids": list(end_to_end_ids)})

    def list_returns(self, *, after: int, limit: int) -> ReturnPage:
        """The returns after a position in the bank's list, in its order; none if the bank is silent."""
        try:
            answer = self._client.get("/v1/returns", params={"after": after, "limit": limit})
            answer.raise_for_status()
            return ReturnPage(_read_answers(answer.content).answers, int(answer.json()["next_after"]))
        except TROUBLE as trouble:
            log.warning("bank_is_silent", path="/v1/returns", reason=_describe_trouble(trouble))
            return ReturnPage(next_after=after)

    def list_executed(self) -> Iterator[ExecutedPayment]:
        """
        All payments that the bank executed, once each, read page by page.

        Raises:
            BooksUnavailable: the bank does not show its books now.
        """
        after = 0
        while True:
            payments, after = self._read_page(after)
            if not payments:
                return
            yield from payments

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read_page(self, after: int) -> tuple[list[ExecutedPayment], int]:
        """Read the payments after a position in the books, and the position of the next page."""
        try:
            answer = self._client.get("/v1/payments", params={"after": after, "limit": STATEMENT_PAGE})
            answer.raise_for_status()
            page = answer.json()
            payments = [_read_executed(row) for row in page["payments"]]
            if payments and page["next_after"] <= after:
                raise ValueError("the next page is this one again")
            return payments, page["next_after"]
        except TROUBLE as trouble:
            raise BooksUnavailable(f"The bank does not show its books: {_describe_trouble(trouble)}") from trouble

    def _post(self, path: str, question: dict[str, Any]) -> BankResponse:
        try:
            answer = self._client.post(path, json=question)
            answer.raise_for_status()
            response = _read_answers(answer.content)
        except TROUBLE as trouble:
            log.warning("bank_is_silent", path=path, reason=_describe_trouble(trouble))
            return BankResponse(silence=_describe_trouble(trouble))
        return response


@lru_cache(maxsize=1)
def bank() -> HttpBank:
    """
    The bank of this process's environment; each process has one, so that it reuses connections.

    Raises:
        InterfaceUnknown: the process was not told how to reach the bank.
        CertificateUnusable: its certificate cannot be shown to the bank.
    """
    interface = read_interface()
    return HttpBank(
        url=interface.url,
        token=interface.token,
        timeout_seconds=settings.BANK_TIMEOUT_SECONDS,
        certificates=interface.certificates,
    )


def _order_as_json(order: PaymentOrder) -> dict[str, str]:
    return {
        "end_to_end_id": order.end_to_end_id,
        "amount_cny": f"{order.amount_cny:.2f}",
        "payee_name": order.payee_name,
        "payee_account": order.payee_account,
        "bank_number": order.bank_number,
        "purpose": order.purpose,
        "valid_until": order.valid_until.isoformat(),
    }


def _read_answers(content: bytes) -> BankResponse:
    """Read the answers of a body, all or none: if one of them is garbled, the others are not trusted either."""
    if len(content) > LONGEST_ANSWER_BYTES:
        raise ValueError("the answer is too long")
    body = json.loads(content)
    as_of = datetime.fromisoformat(body["as_of"])
    if as_of.tzinfo is None:
        raise ValueError("the answer's time has no zone")
    answers = tuple(
        Answer(
            end_to_end_id=_check_id(row["end_to_end_id"]),
            outcome=OUTCOMES[row["outcome"]],
            as_of=as_of,
            bank_reference=_remove_unstorable(row.get("bank_reference", ""))[:35],
            reason=_remove_unstorable(row.get("reason", ""))[:200],
        )
        for row in body["results"]
    )
    return BankResponse(answers=answers, silence="the bank's answer leaves this order out")


def _read_executed(row: dict[str, Any]) -> ExecutedPayment:
    amount = parse_number(str(row["amount_cny"]))
    if amount is None or abs(amount) > LARGEST_CNY:
        raise ValueError("an amount is no number, or larger than any")
    return ExecutedPayment(_check_id(row["end_to_end_id"]), amount, _remove_unstorable(row["purpose"]))


def _check_id(text: object) -> str:
    # Our ids have letters and digits only. PostgreSQL's COPY would read a tab, a line end or a backslash as something
    # else.
    if not isinstance(text, str) or not (text.isascii() and text.isprintable()) or "\\" in text:
        raise ValueError("an id is none of ours")
    return text


def _remove_unstorable(text: object) -> str:
    """Remove the characters that no database stores: zero bytes and halves of surrogate pairs."""
    return str(text).replace("\0", "").encode(errors="ignore").decode()


def _describe_trouble(trouble: Exception) -> str:
    """Describe the error briefly, without the request, which holds account numbers."""
    if isinstance(trouble, httpx.HTTPStatusError):
        return f"the bank answered {trouble.response.status_code}"
    if isinstance(trouble, httpx.TimeoutException):
        return "the bank did not answer in time"
    if isinstance(trouble, httpx.HTTPError):
        return f"no connection to the bank ({type(trouble).__name__})"
    return f"the bank's answer cannot be read ({type(trouble).__name__})"
