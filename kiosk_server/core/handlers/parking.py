"""Baskets that leave a terminal and go on at another: parked and resumed, or carried over by a code.

A code moves its basket once, within HAND_OFF_LIFE_S. Only its fingerprint is kept; the answer to whoever asked for it
is the only place where the code itself stands.
"""

import hashlib

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import ArrivalAnswer, BasketAnswer, HandOffAnswer
from kiosk_server.core.handlers.checks import check_may_scan, review
from kiosk_server.core.handlers.floor import begin, check_may_add, home_of, leave_basket
from kiosk_server.core.handlers.offers import price_afresh
from kiosk_server.core.handlers.own import named_basket, own_basket, own_terminal, shown_basket
from kiosk_server.core.handlers.training import check_same_practice
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.barcode import HAND_OFF_PREFIX
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.commands import HandOffBasket, ResumeBasket, SuspendBasket
from kiosk_server.domain.errors import BadRequest, HandOffNotTaken, WrongState
from kiosk_server.domain.events import BasketResumed, BasketSuspended, BasketVoided, HandOffOffered
from kiosk_server.domain.reading import HandOff
from kiosk_server.domain.terminal import Kind, Terminal

HAND_OFF_LIFE_S = 600
# Those that lie in the same place on the keyboards of every country: a scanner may be set to another one.
_LETTERS = "bcdfghjklnprstvx"
_CODE_LENGTH = 12


def suspend_basket(_: SuspendBasket, desk: Desk) -> BasketAnswer:
    """Park the own basket and free the terminal."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    baskets.check_not_empty(basket)
    _park(desk, terminal, basket)
    return BasketAnswer(basket.basket_id)


def _park(desk: Desk, terminal: Terminal, basket: Basket) -> None:
    baskets.move(basket, baskets.Event.SUSPEND)
    desk.record(BasketSuspended(terminal=terminal.name, basket_id=basket.basket_id))
    leave_basket(desk, terminal)


def resume_basket(command: ResumeBasket, desk: Desk) -> BasketAnswer:
    """Go on here with a basket that was parked anywhere. What is at this terminal must be done or empty."""
    terminal = own_terminal(desk)
    check_may_add(desk, terminal)
    basket = named_basket(desk, command.basket_id)
    if basket.state is State.OPEN and basket.basket_id == terminal.basket_id:
        return BasketAnswer(basket.basket_id)
    _make_room(desk, terminal)
    if basket.state is not State.SUSPENDED:
        raise WrongState(
            f"This basket is {basket.state.value}, not parked. Nothing was changed.",
            basket_id=basket.basket_id,
            state=basket.state.value,
        )
    check_same_practice(terminal, basket)
    _go_on(desk, terminal, basket)
    return BasketAnswer(basket.basket_id)


def _go_on(desk: Desk, terminal: Terminal, basket: Basket) -> Basket:
    """At the best price of this moment: what has begun since then counts."""
    baskets.move(basket, baskets.Event.RESUME)
    desk.record(BasketResumed(terminal=terminal.name, basket_id=basket.basket_id, from_terminal=basket.terminal))
    begin(desk, terminal)
    here = price_afresh(desk, replace(basket, terminal=terminal.name, state=State.OPEN))
    if terminal.kind is Kind.LANE:
        review(desk, here)
    return here


def _make_room(desk: Desk, terminal: Terminal) -> None:
    shown = shown_basket(desk, terminal)
    if shown is None or shown.state not in {State.OPEN, State.TENDERING}:
        return
    if not baskets.is_empty(shown):
        raise WrongState(
            "There is another basket at this terminal. Nothing was changed. Pay for it or park it first.",
            basket_id=shown.basket_id,
        )
    baskets.move(shown, baskets.Event.VOID)
    desk.record(BasketVoided(terminal=terminal.name, basket_id=shown.basket_id, reason="empty", by=desk.identity.name))


def hand_off_basket(command: HandOffBasket, desk: Desk) -> HandOffAnswer:
    """A code under which the basket goes on elsewhere. It stays where it is until somebody scans it."""
    basket = _basket_to_carry(command, desk)
    if basket.state is not State.SUSPENDED:
        baskets.check_open(basket)
    baskets.check_not_empty(basket)
    letters = _draw(desk)
    expires_at = desk.now_ms + HAND_OFF_LIFE_S * 1000
    desk.record(
        HandOffOffered(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            fingerprint=_fingerprint(letters),
            expires_at=expires_at,
        )
    )
    return HandOffAnswer(basket.basket_id, HAND_OFF_PREFIX + letters, expires_at)


def _basket_to_carry(command: HandOffBasket, desk: Desk) -> Basket:
    if desk.identity.terminal is not None:
        _, basket = own_basket(desk)
        if command.basket_id not in {None, basket.basket_id}:
            raise BadRequest("This basket is not at this terminal. Nothing was changed. An attendant can hand it over.")
        return basket
    if command.basket_id is None:
        raise BadRequest("Name the basket that is to be carried over (basket_id). Nothing was changed.")
    return named_basket(desk, command.basket_id)


def _draw(desk: Desk) -> str:
    digest = hashlib.sha256(desk.new_id().encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:_CODE_LENGTH])


def _fingerprint(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()


def take_over(desk: Desk, terminal: Terminal, scanned: HandOff) -> ArrivalAnswer:
    """The code of a basket was scanned here: it leaves where it is and goes on at this terminal.

    Raises HandOffNotTaken (details: `reason`), WrongState while there is another basket here, AttendantNeeded while
    somebody has to look at it where it is.
    """
    basket = _carried(desk, terminal, scanned)
    check_same_practice(terminal, basket)
    home = home_of(desk, basket)
    if home is not None:
        check_may_scan(desk, home)  # what somebody must look at over there is not left behind
    _make_room(desk, terminal)
    if home is not None:
        _park(desk, home, basket)
    parked = replace(basket, state=State.SUSPENDED)
    here = _go_on(desk, terminal, parked)
    return ArrivalAnswer(here.basket_id, basket.terminal, here.totals)


def _carried(desk: Desk, terminal: Terminal, scanned: HandOff) -> Basket:
    found = desk.repositories.hand_off(_fingerprint(scanned.code))
    basket = desk.repositories.basket(found.basket_id) if found else None
    if found is None or basket is None:
        raise _not_taken("unknown", "No basket is waiting under this code.")
    if basket.state is State.PAID:
        raise baskets.already_paid(basket)
    if found.taken_by:
        raise _not_taken("taken", f"This basket went on at {found.taken_by} already.", terminal=found.taken_by)
    if found.expires_at <= desk.now_ms:
        raise _not_taken("expired", "The time of this code is over. Show a new one where the basket is.")
    if basket.terminal == terminal.name and basket.basket_id == terminal.basket_id:
        raise _not_taken("here", "This basket is here already. Scan its code at the other lane.")
    if basket.state is not State.SUSPENDED:
        baskets.check_open(basket)
    return basket


def _not_taken(reason: str, why: str, **more: str) -> HandOffNotTaken:
    return HandOffNotTaken(f"{why} Nothing was changed.", reason=reason, **more)
