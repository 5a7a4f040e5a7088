"""Practice: a lane on which people learn. Everything works, and nothing of it counts or leaves the house.

A basket is practice from its first scan to its receipt, whatever becomes of the lane meanwhile. Its receipts are
numbered in a range of their own, are in nobody's takings, and its cards are approved here: no reader hears of them.
"""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import TrainingAnswer
from kiosk_server.core.handlers.ledger import book, is_paid
from kiosk_server.core.handlers.own import named_terminal
from kiosk_server.domain import lane
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.commands import SwitchTraining
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import TrainingSwitched
from kiosk_server.domain.payment import SAFE, TenderKind
from kiosk_server.domain.tender import Receipt
from kiosk_server.domain.terminal import Kind, Terminal

_AT_REST = frozenset({lane.State.ATTRACT, lane.State.CLOSED})


def switch_training(command: SwitchTraining, desk: Desk) -> TrainingAnswer:
    """Begin or end practice at a lane that nobody is at. Raises WrongState for other kinds and while it is used."""
    terminal = named_terminal(desk, command.terminal)
    if terminal.kind is not Kind.LANE:
        raise WrongState(f"{terminal.name} is no lane, and only lanes are practised on. Nothing was changed.")
    if command.is_on != terminal.is_training:
        if terminal.state not in _AT_REST:
            raise WrongState(
                f"{terminal.name} is {terminal.state}: somebody is at it. "
                "Nothing was changed. Switch it once it is free.",
                terminal=terminal.name,
                state=terminal.state,
            )
        desk.record(TrainingSwitched(terminal=terminal.name, is_on=command.is_on, by=desk.identity.name))
    return TrainingAnswer(command.is_on)


def finish_practice(desk: Desk, basket: Basket) -> None:
    """A card of practice has no reader whose word would write the receipt: it is written here."""
    if not basket.is_training:
        return
    now = desk.repositories.basket(basket.basket_id)
    if now is None or now.state is not State.TENDERING:
        return
    has_card = any(paid.kind is TenderKind.CARD and paid.state in SAFE for paid in now.payments)
    if has_card and is_paid(desk, now):
        book(desk, now, now.payments)


def check_is_sale(basket: Basket) -> None:
    """Raises WrongState in practice, where real money must not move: a gift card's is."""
    if basket.is_training:
        raise WrongState("This lane is in training, where gift cards are not used. Nothing was booked.")


def check_is_real(receipt: Receipt) -> None:
    """Raises WrongState for a receipt of practice: nothing was taken that could be given back."""
    if receipt.is_training:
        raise WrongState(
            f"Receipt {receipt.number} is from training: nothing was paid. Nothing was booked.",
            receipt_number=receipt.number,
        )


def check_same_practice(terminal: Terminal, basket: Basket) -> None:
    """Raises WrongState where a sale would go on as practice, or practice as a sale."""
    if basket.is_training != terminal.is_training:
        where = "in training" if basket.is_training else "not in training"
        raise WrongState(
            f"This basket was begun on a lane {where}. Nothing was changed. Use such a lane to go on with it.",
            terminal=terminal.name,
            is_training=terminal.is_training,
        )
