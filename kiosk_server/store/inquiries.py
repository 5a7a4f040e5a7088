"""What staff ask before they act: baskets that wait, what a receipt still gives back and to where, how help went today.

Reads only. Each function takes a connection from `Database.read()`; money is computed by the domain.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import Connection

from kiosk_server.domain import payment, refund
from kiosk_server.domain.basket import Basket, Line
from kiosk_server.domain.errors import NotFound, WrongState
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.payment import Payment, TenderKind
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.refund import Returned, Share
from kiosk_server.domain.tender import Receipt
from kiosk_server.store import payments
from kiosk_server.store.payments import Liability
from kiosk_server.store.repositories import Repositories, driver_of


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A basket that waits to be resumed. `terminal` is where it was filled; `opened_at` ms since 1970, UTC."""

    basket_id: str
    terminal: str
    items: int
    total_cents: int
    opened_at: int


class LeftLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a receipt, how many pieces of it can still be given back, and what has been given back for it."""

    line: Line
    left: int
    refunded_cents: int


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """`cents` would go back to a payment of this kind; cash is in coins that exist."""

    kind: TenderKind
    cents: int
    masked: str = ""
    scheme: str = ""


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that was made, or is under way while its basket is `tendering`."""

    basket_id: str
    state: str
    total_cents: int
    reason: str
    by: str
    receipt_number: int | None
    payments: tuple[Payment, ...]


class RefundOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt still gives back. `total_cents` and `backs` are of the lines that were asked for, else of all.

    `why_not` is a word where nothing can be given back: `refund` (it is one itself) or `nothing_left`.
    """

    number: int
    terminal: str
    paid_at: int
    receipt_cents: int
    lines: tuple[LeftLine, ...]
    total_cents: int = 0
    backs: tuple[Back, ...] = ()
    refunds: tuple[Refunded, ...] = ()
    why_not: str = ""


class KindOfHelp(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody was needed for one reason, and how long the one in the middle took, ms."""

    kind: InterventionKind
    count: int
    median_ms: int


class HelpToday(msgspec.Struct, frozen=True, kw_only=True):
    """Interventions since the business day began, and goods that came back on it.

    `settled` were ended by somebody, after `median_ms` for the one in the middle; `withdrawn` needed nobody in the end.
    """

    day: str
    settled: int
    withdrawn: int
    open: int
    median_ms: int
    kinds: tuple[KindOfHelp, ...]
    refunds: int
    refunded_cents: int


def basket(conn: Connection, basket_id: str) -> Basket:
    """One basket with all its lines. Raises NotFound."""
    found = Repositories(conn).basket(basket_id)
    if found is None:
        raise NotFound("There is no such basket (any more).", basket_id=basket_id)
    return found


def parked(conn: Connection) -> tuple[Parked, ...]:
    """Baskets that wait to be resumed, the oldest first."""
    query = (
        "SELECT basket_id, terminal, items, total_cents, opened_at FROM baskets WHERE state = 'suspended' "
        "ORDER BY opened_at"
    )
    return tuple(
        Parked(basket_id=row[0], terminal=row[1], items=row[2], total_cents=row[3], opened_at=row[4])
        for row in driver_of(conn).execute(query)
    )


# -- refunds --


def refund_offer(conn: Connection, number: int, wanted: Mapping[int, int] | None, policy: Policy) -> RefundOffer:
    """What would be given back for `wanted` (pieces by line; None: all that is left), and to where.

    Raises NotFound, and what asking for these lines would meet: OutOfRange, NotFound.
    """
    store = Repositories(conn)
    receipt = store.receipt(number)
    if receipt is None:
        raise NotFound(f"There is no receipt {number}. Check the number.", receipt_number=number)
    already = {line_id: Returned(*sums) for line_id, sums in store.refunded_lines(number).items()}
    offer = RefundOffer(
        number=number,
        terminal=receipt.terminal,
        paid_at=receipt.paid_at,
        receipt_cents=receipt.total_cents,
        lines=tuple(_left(line, already) for line in receipt.lines if not line.is_voided),
        refunds=_refunds(conn, store, receipt),
    )
    if receipt.refund_of is not None:
        return msgspec.structs.replace(offer, why_not="refund")
    try:
        lines = refund.returned_lines(receipt, already, wanted)
    except WrongState:
        return msgspec.structs.replace(offer, why_not="nothing_left")
    cents = -sum(line.total_cents for line in lines)
    refunded = {paid.payment_id: store.refunded_of(paid.payment_id) for paid in receipt.payments}
    beyond_cents = store.refunded_beyond(refunded)
    shares = refund.share_out(cents, receipt, refunded, beyond_cents)
    shares = refund.in_coins(shares, payment.cash_step_cents(policy), beyond_cents)
    return msgspec.structs.replace(offer, total_cents=cents, backs=tuple(map(_back, shares)))


def _left(line: Line, already: Mapping[int, Returned]) -> LeftLine:
    back = already.get(line.line_id, Returned())
    return LeftLine(line=line, left=line.quantity - back.pieces, refunded_cents=back.cents)


def _back(share: Share) -> Back:
    paid, cents = share
    return Back(kind=paid.kind, cents=cents, masked=paid.masked, scheme=paid.scheme)


def _refunds(conn: Connection, store: Repositories, receipt: Receipt) -> tuple[Refunded, ...]:
    """Found by what they have given back: refunds of receipts from before there were payments are not listed."""
    ids = [paid.payment_id for paid in receipt.payments]
    marks = ", ".join("?" * len(ids))
    query = f"SELECT DISTINCT basket_id FROM payments WHERE refunds != '' AND refunds IN ({marks}) ORDER BY basket_id"
    found = [store.basket(row[0]) for row in driver_of(conn).execute(query, ids).fetchall()]
    return tuple(
        Refunded(
            basket_id=one.basket_id,
            state=one.state.value,
            total_cents=one.totals.total_cents,
            reason=one.reason,
            by=one.by,
            receipt_number=one.receipt_number,
            payments=one.payments,
        )
        for one in found
        if one is not None
    )


# -- the day --


def gift_liability(conn: Connection, now_ms: int) -> Liability:
    """What the store owes to the holders of gift cards at this moment (ms since 1970, UTC)."""
    return payments.gift_liability(driver_of(conn), now_ms)


def current_day(conn: Connection) -> str | None:
    """The business day opened last, or None before the first."""
    return Repositories(conn).current_day()


def help_today(conn: Connection, day: str, began_ms: int, first_id: str) -> HelpToday:
    """How help went since `began_ms`, when `day` began. `first_id` is the lowest id of that moment (core/clock.py)."""
    driver = driver_of(conn)
    query = (
        "SELECT kind, outcome, resolved_at - raised_at FROM interventions WHERE intervention_id >= ? AND raised_at >= ?"
    )
    rows: Sequence[Any] = driver.execute(query, (first_id, began_ms)).fetchall()
    settled = [(kind, took) for kind, outcome, took in rows if outcome not in {None, Outcome.WITHDRAWN}]
    by_kind: dict[str, list[int]] = {}
    for kind, took in settled:
        by_kind.setdefault(kind, []).append(took)
    query = (
        "SELECT count(*), coalesce(-sum(r.total_cents), 0) FROM receipts r JOIN baskets b ON b.basket_id = r.basket_id "
        "WHERE r.day = ? AND b.refund_of IS NOT NULL"
    )
    refunds, refunded_cents = driver.execute(query, (day,)).fetchone()
    return HelpToday(
        day=day,
        settled=len(settled),
        withdrawn=sum(1 for row in rows if row[1] == Outcome.WITHDRAWN),
        open=sum(1 for row in rows if row[1] is None),
        median_ms=_median([took for _, took in settled]),
        kinds=tuple(
            KindOfHelp(kind=InterventionKind(kind), count=len(took), median_ms=_median(took))
            for kind, took in sorted(by_kind.items(), key=lambda one: -len(one[1]))
        ),
        refunds=refunds,
        refunded_cents=refunded_cents,
    )


def _median(values: list[int]) -> int:
    return round(median(values)) if values else 0
