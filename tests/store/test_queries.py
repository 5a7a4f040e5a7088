"""What screens are told when they connect: whole, of one moment, and the same after a restart."""

from typing import Any

import msgspec
import pytest
from builders import BREAD, BURGER, MILK, POLICY
from shop import Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain.commands import SwitchSimulation
from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.policy import CodeRules
from kiosk_server.domain.screens import SCREENS, LaneScreen
from kiosk_server.store import queries


def screen(shop: Shop, kind: str, name: str, online: tuple[str, ...] = ()) -> Any:
    with shop.database.read() as conn:
        seq, state = queries.screen_of(conn, kind, name, POLICY, online)
    assert seq == shop.bus.head_seq
    assert type(state) is SCREENS[kind]
    return state


def test_a_lane_shows_what_produce_may_be_weighed_in(shop: Shop, lane3: Lane) -> None:
    policy = msgspec.structs.replace(POLICY, codes=CodeRules(containers_g={"Jar": 310, "Paper bag": 8}))
    with shop.database.read() as conn:
        _, state = queries.screen_of(conn, "lane", lane3.name, policy)
    assert isinstance(state, LaneScreen)
    assert state.containers == {"Jar": 310, "Paper bag": 8}


def test_a_lane_shows_its_basket_then_its_receipt_then_nothing(shop: Shop, lane3: Lane, attendant: Person) -> None:
    assert screen(shop, "lane", "lane3").basket is None
    lane3.scans(MILK)
    lane3.scans(BREAD, quantity=2)
    shown = screen(shop, "lane", "lane3", ("lane3",))
    assert [line.name for line in shown.basket.lines] == ["Milk", "Bread"]
    assert (shown.terminal.items, shown.terminal.total_cents) == (3, 129 + 2 * 249)
    assert shown.terminal.is_online
    assert shown.store.currency == "EUR"
    lane3.pays()
    assert [raised.kind for raised in screen(shop, "lane", "lane3").interventions] == ["cash"]
    receipt = attendant.takes_cash(lane3.basket.basket_id)
    assert screen(shop, "lane", "lane3").receipt == receipt
    lane3.finishes()
    after = screen(shop, "lane", "lane3")
    assert (after.basket, after.receipt, after.interventions) == (None, None, ())


def test_a_suspended_basket_leaves_the_screen_and_comes_back_elsewhere(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    basket_id = lane3.parks()
    assert screen(shop, "lane", "lane3").basket is None
    with shop.looks() as repositories:
        assert [basket.basket_id for basket in repositories.suspended_baskets()] == [basket_id]
    lane4 = Lane(shop, "lane4")
    lane4.resumes(basket_id)
    assert screen(shop, "lane", "lane4").basket.lines[0].name == "Milk"


def test_a_stall_shows_the_menu_its_order_and_its_ticket(
    shop: Shop, stall7: Stall, cook: Cook, attendant: Person
) -> None:
    assert {item.item_id for item in screen(shop, "stall", "stall7").menu} == {"cola", "burger"}
    stall7.picks(BURGER, "cheese")
    stall7.orders()
    attendant.takes_cash(stall7.basket.basket_id)
    shown = screen(shop, "stall", "stall7")
    assert shown.ticket.lines[0].modifiers == ("cheese",)
    (ticket,) = screen(shop, "kitchen", "kitchen").tickets
    assert ticket == shown.ticket
    cook.moves(ticket, TicketEvent.BUMP)
    cook.moves(ticket, TicketEvent.HAND_OVER)
    kitchen = screen(shop, "kitchen", "kitchen")
    assert (kitchen.tickets, [one.ticket_id for one in kitchen.recallable]) == ((), [ticket.ticket_id])


def test_a_pump_shows_its_point_its_grades_and_the_last_receipt(shop: Shop, pump1: Pump, attendant: Person) -> None:
    basket_id = pump1.fuels(attendant)
    shown = screen(shop, "pump", "pump1")
    assert {grade.item_id for grade in shown.grades} == {"diesel", "super"}
    assert (shown.point.unpaid, shown.point.volume_ml, shown.receipt) == ((basket_id,), 20_000, None)
    receipt = attendant.takes_cash(basket_id)
    assert screen(shop, "pump", "pump1").receipt == receipt


def test_the_console_shows_every_terminal_the_inbox_and_the_takings(
    shop: Shop, lane3: Lane, pump1: Pump, attendant: Person, manager: Person
) -> None:
    lane3.scans(MILK)
    lane3.calls()
    basket_id = pump1.fuels(attendant)
    attendant.takes_cash(basket_id)
    manager.does(SwitchSimulation(is_on=True))
    shown = screen(shop, "manager", "Mia", ("pump1",))
    assert [(tile.name, tile.is_online, tile.items) for tile in shown.terminals] == [
        ("lane3", False, 1),
        ("pump1", True, 0),
    ]
    assert shown.terminals[1].point.terminal == "pump1"
    assert [raised.terminal for raised in shown.inbox] == ["lane3"]
    assert shown.is_simulating
    takings = shown.takings
    assert (takings.day, takings.receipts, takings.total_cents) == ("2026-11-20", 1, 3598)
    assert takings.by_kind_cents == {"fuel": 3598}
    assert takings.by_hour_cents[12] == 3598  # noon in Berlin, eleven in UTC
    assert sum(takings.by_hour_cents) == takings.total_cents


def test_a_retired_terminal_is_on_no_screen(shop: Shop, lane3: Lane, manager: Person) -> None:
    token_hash = shop.terminal("lane3").token_hash
    with shop.database.read() as conn:
        assert queries.terminal_by_token_hash(conn, token_hash) == shop.terminal("lane3")
    manager.retires("lane3")
    with shop.database.read() as conn:
        assert queries.terminal_by_token_hash(conn, token_hash) is None
        assert queries.terminals(conn) == ()
        with pytest.raises(NotFound, match="lane3"):
            queries.screen_of(conn, "lane", "lane3", POLICY)


def test_an_empty_token_hash_is_nobody(shop: Shop, lane3: Lane) -> None:
    with shop.database.read() as conn:
        assert queries.terminal_by_token_hash(conn, "") is None


def test_a_receipt_is_found_by_its_number(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    lane3.pays()
    paid = attendant.takes_cash(lane3.basket.basket_id)
    with shop.database.read() as conn:
        assert queries.receipt(conn, paid.number) == paid
        assert queries.receipt(conn, paid.number + 1) is None


def test_events_since_come_in_order_and_not_more_than_asked(shop: Shop, lane3: Lane) -> None:
    head = shop.bus.head_seq
    for _ in range(5):
        lane3.scans(MILK)
    with shop.database.read() as conn:
        entries = queries.events_since(conn, head, 3)
        assert [entry.seq for entry in entries] == [head + 1, head + 2, head + 3]
        assert queries.events_since(conn, shop.bus.head_seq, 3) == []


def test_every_screen_is_the_same_after_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("restart")
    shop = Shop(folder)
    shop.stocks([MILK, BURGER])
    lane, stall = Lane(shop, "lane1"), Stall(shop, "stall1")
    lane.scans(MILK)
    stall.picks(BURGER)
    before = [screen(shop, kind, name) for kind, name in (("lane", "lane1"), ("stall", "stall1"), ("manager", "Mia"))]
    shop.closes()
    again = Shop(folder)
    after = [screen(again, kind, name) for kind, name in (("lane", "lane1"), ("stall", "stall1"), ("manager", "Mia"))]
    assert after == before
    again.closes()
