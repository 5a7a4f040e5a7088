"""Whose terminal and whose basket: terminals reach only their own, staff name the one they mean."""

from kiosk_server.core.desk import Desk
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.errors import Forbidden, NotFound, NotSignedIn, WrongState
from kiosk_server.domain.terminal import Enrolment, Terminal


def own_terminal(desk: Desk) -> Terminal:
    """The terminal that gives this command. Raises Forbidden for people, NotSignedIn once it was revoked."""
    name = desk.identity.terminal
    if name is None:
        raise Forbidden("This is done at a terminal, not by a person. Nothing was changed.")
    terminal = desk.repositories.terminal(name)
    if terminal is None or terminal.enrolment is not Enrolment.ACTIVE:
        raise NotSignedIn(
            f"The terminal {name} is no longer part of this store. Nothing was changed. A manager can enrol it again.",
            terminal=name,
        )
    return terminal


def named_terminal(desk: Desk, name: str) -> Terminal:
    """The terminal that a person names. Raises NotFound when there is none, or no more."""
    terminal = desk.repositories.terminal(name)
    if terminal is None or terminal.enrolment is Enrolment.RETIRED:
        raise NotFound(f"There is no terminal called {name}. Nothing was changed.", terminal=name)
    return terminal


def shown_basket(desk: Desk, terminal: Terminal) -> Basket | None:
    """The basket that the terminal's screen shows, in whatever state it is."""
    return desk.repositories.basket(terminal.basket_id) if terminal.basket_id else None


def own_basket(desk: Desk) -> tuple[Terminal, Basket]:
    """The terminal that asks and its basket. Raises WrongState when it has none."""
    terminal = own_terminal(desk)
    basket = shown_basket(desk, terminal)
    if basket is None:
        raise WrongState("There is no basket here yet. Nothing was changed. Scan or pick something first.")
    return terminal, basket


def named_basket(desk: Desk, basket_id: str) -> Basket:
    basket = desk.repositories.basket(basket_id)
    if basket is None:
        raise NotFound(f"There is no basket {basket_id}. Nothing was changed.", basket_id=basket_id)
    return basket
