"""Goods that come back: what each line of a receipt still gives back, and to which of its payments the money returns.

A refund's lines are those of the receipt with negative totals; pieces count as they did. Parts of a line are shared out
so that all parts together are the line to the cent, whatever order they come in.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from kiosk_server.domain.basket import Line
from kiosk_server.domain.errors import NotFound, OutOfRange, WrongState
from kiosk_server.domain.payment import LATE, Payment, State, TenderKind, cash_due_cents
from kiosk_server.domain.tender import Receipt


class Returned(msgspec.Struct, frozen=True):
    """What was given back of one line so far: pieces, and cents (0 or more)."""

    pieces: int = 0
    cents: int = 0


class Share(NamedTuple):
    """`cents` (above 0) go back to `payment`."""

    payment: Payment
    cents: int


_NOTHING = Returned()


def returned_lines(
    receipt: Receipt, already: Mapping[int, Returned], wanted: Mapping[int, int] | None = None
) -> tuple[Line, ...]:
    """The lines of a refund. `wanted` maps line numbers to pieces; None: everything that was not given back yet.

    Raises NotFound for a line that the receipt does not have, OutOfRange for more pieces than are left of one (details:
    `line_id`, `left`), WrongState where nothing is left at all, or for the receipt of a refund.
    """
    if receipt.refund_of is not None:
        raise WrongState(
            f"Receipt {receipt.number} is a refund itself. Nothing was booked.", receipt_number=receipt.number
        )
    live = {line.line_id: line for line in receipt.lines if not line.is_voided}
    left = {line_id: line.quantity - already.get(line_id, _NOTHING).pieces for line_id, line in live.items()}
    for line_id, pieces in (wanted or {}).items():
        if line_id not in live:
            raise NotFound(f"Receipt {receipt.number} has no line {line_id}. Nothing was booked.", line_id=line_id)
        if pieces > left[line_id]:
            raise OutOfRange(
                f"{live[line_id].name}: {left[line_id]} can still be given back, not {pieces}. Nothing was booked.",
                line_id=line_id,
                left=left[line_id],
            )
    pieces_of = left if wanted is None else dict(wanted)
    found = tuple(
        _returned(line, already.get(line_id, _NOTHING), pieces_of[line_id])
        for line_id, line in live.items()
        if pieces_of.get(line_id, 0) > 0
    )
    if not found:
        raise WrongState(
            f"Everything on receipt {receipt.number} was given back already. Nothing was booked again.",
            receipt_number=receipt.number,
        )
    return found


def _returned(line: Line, already: Returned, pieces: int) -> Line:
    through = already.pieces + pieces
    cents = line.total_cents * through // line.quantity - already.cents
    deposit_cents = line.deposit_cents // line.quantity * pieces
    return msgspec.structs.replace(
        line, quantity=pieces, total_cents=-cents, deposit_cents=-deposit_cents, discounts=()
    )


def share_out(cents: int, receipt: Receipt, refunded: Mapping[str, int], beyond_cents: int = 0) -> tuple[Share, ...]:
    """To which payments of a receipt `cents` go back; what was paid last is given back first.

    `refunded` holds what each payment has given back already, by payment_id; `beyond_cents` how much of that was only
    rounding. Coins are coins: all cash counts as one, and for what it paid before it was rounded.
    What no payment is left for (old receipts list no payments) is cash, too.
    """
    shares: list[Share] = []
    left = {paid.payment_id: paid.amount_cents - refunded.get(paid.payment_id, 0) for paid in receipt.payments}
    coins_left = sum(left[paid.payment_id] for paid in receipt.payments if paid.kind is TenderKind.CASH)
    cash_left = coins_left + beyond_cents - receipt.rounding_cents
    for paid in reversed(receipt.payments):
        is_cash = paid.kind is TenderKind.CASH
        part = min(cents, cash_left if is_cash else left[paid.payment_id])
        if part > 0:
            shares.append(Share(paid, part))
            cents -= part
            cash_left -= part if is_cash else 0
    if cents > 0:
        shares.append(
            Share(Payment(payment_id="", kind=TenderKind.CASH, amount_cents=cents, state=State.CAPTURED), cents)
        )
    return _with_one_cash(shares)


def in_coins(shares: Iterable[Share], step_cents: int, beyond_cents: int = 0) -> tuple[Share, ...]:
    """The same shares, cash in coins that exist (0 where there is none so small).

    `beyond_cents` is what earlier coins for this receipt were worth too much (below 0: too little): rounding each time
    by itself would give back more for ten pieces one by one than was paid for them together.
    """
    found = []
    for paid, cents in shares:
        coins_cents = cents
        if paid.kind is TenderKind.CASH:
            coins_cents = max(0, cash_due_cents(cents - beyond_cents, step_cents))
            beyond_cents += coins_cents - cents
        found.append(Share(paid, coins_cents))
    return tuple(found)


def refused(payments: Sequence[Payment]) -> tuple[Payment, ...]:
    """What cards would not take back and nothing else of this refund has given back since."""
    last = {back.refunds: back for back in payments}
    return tuple(back for back in last.values() if back.state in LATE)


def _with_one_cash(shares: Sequence[Share]) -> tuple[Share, ...]:
    """Coins are handed over once: a second cash share joins the first."""
    cash = [share for share in shares if share.payment.kind is TenderKind.CASH]
    rest = tuple(share for share in shares if share.payment.kind is not TenderKind.CASH)
    return (*rest, Share(cash[0].payment, sum(share.cents for share in cash))) if cash else rest
