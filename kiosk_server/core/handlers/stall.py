"""The stall: a car arrives, orders, pays the carhop or is trusted, and is served."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import StateAnswer, TenderAnswer, TicketAnswer
from kiosk_server.core.handlers.checks import check_recalls
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.floor import step_stall
from kiosk_server.core.handlers.kitchen import fire_once
from kiosk_server.core.handlers.offers import price_afresh
from kiosk_server.core.handlers.own import named_basket, own_basket, own_terminal
from kiosk_server.core.handlers.paying import running_tender, start_tender, stop_tender
from kiosk_server.domain import stall
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.commands import Arrive, PlaceOrder, ReleaseOrder
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import OrderPlaced, OrderReleased
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind, Terminal


def arrive(_: Arrive, desk: Desk) -> StateAnswer:
    """A car is here. Pressed again, or while ordering, the button changes nothing: the clock runs already."""
    terminal = own_terminal(desk)
    if terminal.state in {stall.State.ARRIVED, stall.State.ORDERING}:
        return StateAnswer(terminal.state)
    return StateAnswer(step_stall(desk, terminal, stall.Event.ARRIVE))


def place_order(_: PlaceOrder, desk: Desk) -> TenderAnswer:
    """Send the order. The kitchen sees it when the carhop has the money or releases it."""
    terminal, basket = own_basket(desk)
    running = running_tender(desk, basket)
    if running is not None:
        return running
    check_recalls(desk, basket)
    answer = start_tender(desk, price_afresh(desk, basket), TenderKind.CASH)
    desk.record(OrderPlaced(terminal=terminal.name, basket_id=basket.basket_id, due_cents=answer.due_cents))
    step_stall(desk, terminal, stall.Event.PLACE)
    return answer


def leave_order(desk: Desk, terminal: Terminal, basket: Basket) -> None:
    """Take an order back that nobody has paid or released. Raises WrongState once the kitchen is at it."""
    if basket.is_released and basket.state is State.TENDERING:
        raise WrongState(
            "The kitchen is already making this order. Nothing was changed. Please call an attendant.",
            basket_id=basket.basket_id,
        )
    stop_tender(desk, basket)
    step_stall(desk, terminal, stall.Event.RETRACT)


def release_order(command: ReleaseOrder, desk: Desk) -> TicketAnswer:
    """Staff let the kitchen start before the money is taken. A second release changes nothing."""
    basket = named_basket(desk, command.basket_id)
    terminal = desk.repositories.terminal(basket.terminal)
    if not basket.is_released and basket.state is not State.PAID:
        if terminal is None or terminal.kind is not Kind.STALL or basket.state is not State.TENDERING:
            raise WrongState(
                "Only an order that was placed at a stall and is not paid yet can be released. Nothing was changed.",
                basket_id=basket.basket_id,
                state=basket.state.value,
            )
        check_recalls(desk, basket)
        desk.record(OrderReleased(terminal=basket.terminal, basket_id=basket.basket_id, by=desk.identity.name))
        fire_once(desk, basket, open_day(desk))
    ticket = desk.repositories.ticket_of_basket(basket.basket_id)
    return TicketAnswer(ticket.ticket_id, ticket.number) if ticket else TicketAnswer(None, None)
