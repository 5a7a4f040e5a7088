"""The lane's own gestures of paying. Everything about its basket stands in basket.py, help in people.py."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import BasketAnswer, TenderAnswer
from kiosk_server.core.handlers.bagging import check_bags
from kiosk_server.core.handlers.checks import check_recalls, gate_paying
from kiosk_server.core.handlers.floor import step_lane
from kiosk_server.core.handlers.offers import price_afresh
from kiosk_server.core.handlers.own import own_basket
from kiosk_server.core.handlers.paying import running_tender, start_tender, stop_tender
from kiosk_server.core.handlers.people import settle_lane, withdraw_calls
from kiosk_server.core.handlers.stall import leave_order
from kiosk_server.core.handlers.training import finish_practice
from kiosk_server.domain import lane
from kiosk_server.domain.basket import State
from kiosk_server.domain.commands import ChooseTender, LeaveTender
from kiosk_server.domain.terminal import Kind


def choose_tender(command: ChooseTender, desk: Desk) -> TenderAnswer:
    """Begin to pay, at the best price of this moment: an offer that has begun since the last scan counts.

    Whoever called for help and then pays found the way alone: the call is withdrawn. Where a random check is due it
    begins instead, and the answer names it. The bagging area has its say first: otherwise whoever pays before its
    patience ends would carry home what was never scanned.
    """
    terminal, basket = own_basket(desk)
    running = running_tender(desk, basket, command.tender, command.amount_cents)
    if running is not None:
        finish_practice(desk, basket)
        return running
    check_recalls(desk, basket)
    check_bags(command, desk, terminal, basket)
    check = gate_paying(desk, terminal, basket)
    if check is not None:
        return TenderAnswer(basket.basket_id, check.intervention_id, basket.totals.due_cents)
    answer = start_tender(desk, price_afresh(desk, basket), command.tender, command.amount_cents)
    if terminal.state == lane.State.INTERVENTION:
        withdraw_calls(desk, terminal)
        step_lane(desk, terminal, lane.Event.RESOLVE, lane.Event.TENDER)
    else:
        step_lane(desk, terminal, lane.Event.TENDER)
    finish_practice(desk, basket)
    return answer


def leave_tender(_: LeaveTender, desk: Desk) -> BasketAnswer:
    """Back to scanning or ordering; a second tap is there already."""
    terminal, basket = own_basket(desk)
    if basket.state is State.OPEN:
        return BasketAnswer(basket.basket_id)
    if terminal.kind is Kind.STALL:
        leave_order(desk, terminal, basket)
    else:
        stop_tender(desk, basket)
        step_lane(desk, terminal, lane.Event.LEAVE_TENDER)
        settle_lane(desk, terminal.name)  # help that was called for while paying is still on its way
    return BasketAnswer(basket.basket_id)
