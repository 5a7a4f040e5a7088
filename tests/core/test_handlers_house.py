"""Terminals come and go, the catalog changes, and everybody may do what the table of roles says."""

import pytest
from builders import BREAD, BURGER, CATALOG, MILK, POLICY, a_menu_item, an_item
from shop import LOCAL, Lane, Person, Pump, Shop, Stall, refused

from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Kind

TOKEN = "ab" * 32


def test_every_command_has_a_handler_and_roles() -> None:
    assert set(HANDLERS) == set(c.COMMANDS.values())
    assert set(ROLES) == set(c.COMMANDS.values())
    assert all(ROLES.values()), "a command that nobody may give"


def test_no_terminal_may_do_what_is_for_staff() -> None:
    for_staff = {c.ConfirmCash, c.ReleaseOrder, c.AuthorisePump, c.ResolveIntervention, c.StopPump, c.ResumePump}
    terminals = {Role.LANE, Role.STALL, Role.PUMP, Role.KITCHEN, Role.PICKUP}
    for command in for_staff:
        assert not ROLES[command] & terminals, command
    assert ROLES[c.ImportItems] == {Role.LOCAL}
    assert ROLES[c.AddTerminal] == ROLES[c.RetireTerminal] == {Role.MANAGER, Role.OWNER, Role.LOCAL}


def test_pickup_board_may_do_nothing() -> None:
    assert not any(Role.PICKUP in roles for roles in ROLES.values())


def test_person_has_no_basket_of_their_own(shop: Shop, lane3: Lane) -> None:
    stranger = Identity(name="ghost", role=Role.LANE)
    with shop.changes_nothing(), refused("forbidden"):
        shop.asks(c.ScanItem(code=MILK.item_id), stranger)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("lane", "attract"), ("stall", "free"), ("pump", "idle"), ("kitchen", "on"), ("pickup", "on"), ("manager", "on")],
)
def test_new_terminal_begins_in_the_first_state_of_its_kind(shop: Shop, manager: Person, kind: str, state: str) -> None:
    with shop.records("terminal_added"):
        manager.does(c.AddTerminal(terminal="new", kind=Kind(kind), token_hash=TOKEN))
    assert shop.terminal("new").state == state
    with shop.changes_nothing(), refused("already_exists"):
        manager.does(c.AddTerminal(terminal="new", kind=Kind(kind), token_hash=TOKEN[::-1]))


def test_console_may_be_called_manager(shop: Shop, manager: Person) -> None:
    """What a store's console is likely to be called; only a demo store lets somebody in under this name."""
    manager.does(c.AddTerminal(terminal="manager", kind=Kind.MANAGER, token_hash="c" * 64))
    assert shop.terminal("manager").kind is Kind.MANAGER


@pytest.mark.parametrize("name", ["LANE3", "Lane3", "\uff4cane3"])
def test_two_terminals_differ_in_more_than_case(shop: Shop, lane3: Lane, manager: Person, name: str) -> None:
    for command in (
        c.AddTerminal(terminal=name, kind=Kind.LANE, token_hash=TOKEN),
        c.ConfirmPairing(code="", terminal=name, kind=Kind.LANE, token_hash=TOKEN, is_replacing=True),
    ):
        with shop.changes_nothing(), refused("already_exists", terminal="lane3"):
            manager.does(command)


def test_token_opens_one_terminal_only(shop: Shop, manager: Person) -> None:
    manager.does(c.AddTerminal(terminal="first", kind=Kind.LANE, token_hash=TOKEN))
    with shop.changes_nothing(), refused("already_exists"):
        manager.does(c.AddTerminal(terminal="second", kind=Kind.LANE, token_hash=TOKEN))


def test_name_of_a_retired_terminal_is_not_given_out_again(shop: Shop, lane3: Lane, manager: Person) -> None:
    with shop.records("terminal_retired"):
        manager.retires("lane3")
    with shop.changes_nothing():
        manager.retires("lane3")
        with refused("already_exists"):
            manager.does(c.AddTerminal(terminal="lane3", kind=Kind.LANE, token_hash=TOKEN))
        with refused("not_signed_in"):
            lane3.scans(MILK)
        with refused("not_found"):
            manager.does(c.OpenTerminal(terminal="lane3"))
        with refused("bad_request"):
            manager.does(c.AddTerminal(terminal=" lane9", kind=Kind.LANE, token_hash=TOKEN))
        with refused("not_found"):
            manager.retires("lane9")


def test_retired_lane_parks_its_basket(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane4 = Lane(shop, "lane4")
    lane3.scans(MILK)
    basket_id = lane3.pays()["basket_id"]
    lane3.calls()
    with shop.records(
        "tender_left", "intervention_resolved", "basket_suspended", "intervention_resolved", "terminal_retired"
    ):
        manager.retires("lane3")
    assert shop.inbox() == ()
    lane4.resumes(basket_id)
    assert lane4.basket.totals.total_cents == 129


def test_retired_lane_with_an_empty_basket_leaves_nothing(shop: Shop, lane3: Lane, manager: Person) -> None:
    lane3.scans(MILK)
    lane3.voids(1)
    basket_id = lane3.basket.basket_id
    manager.retires("lane3")
    assert shop.basket(basket_id).state is State.VOID


def test_retired_stall_keeps_a_released_order_payable(
    shop: Shop, stall7: Stall, attendant: Person, manager: Person
) -> None:
    stall7.picks(BURGER)
    basket_id = stall7.orders()["basket_id"]
    attendant.releases(basket_id)
    with shop.records("terminal_retired"):
        manager.retires("stall7")
    assert attendant.takes_cash(basket_id).number == 1


def test_retired_pump_keeps_what_is_owed(shop: Shop, pump1: Pump, attendant: Person, manager: Person) -> None:
    basket_id = pump1.fuels(attendant)
    pump1.lifts()
    manager.retires("pump1")
    assert [row.basket_id for row in shop.inbox()] == [basket_id]
    attendant.takes_cash(basket_id)
    assert pump1.point.unpaid == ()


def test_pump_is_not_retired_while_fuel_flows(shop: Shop, pump1: Pump, attendant: Person, manager: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    with shop.changes_nothing(), refused("wrong_state", state="started"):
        manager.retires("pump1")


def test_lane_closes_only_when_free(shop: Shop, lane3: Lane, manager: Person, attendant: Person) -> None:
    close, reopen = c.CloseTerminal(terminal="lane3"), c.OpenTerminal(terminal="lane3")
    with shop.records("terminal_moved"):
        assert manager.does(close) == {"state": "closed"}
    with shop.changes_nothing():
        manager.does(close)
        with refused("wrong_state", state="closed"):
            lane3.scans(MILK)
    with shop.records("terminal_moved"):
        assert manager.does(reopen) == {"state": "attract"}
    with shop.changes_nothing():
        manager.does(reopen)
    lane3.scans(MILK)
    with shop.changes_nothing(), refused("wrong_state", state="scanning"):
        manager.does(close)
    attendant.takes_cash(lane3.pays()["basket_id"])
    assert manager.does(close) == {"state": "closed"}


def test_stall_and_pump_close_and_open(stall7: Stall, pump1: Pump, manager: Person) -> None:
    for actor, rest in ((stall7, "free"), (pump1, "idle")):
        manager.does(c.CloseTerminal(terminal=actor.name))
        assert actor.state == "closed"
        manager.does(c.OpenTerminal(terminal=actor.name))
        assert actor.state == rest


def test_kitchen_neither_opens_nor_closes(shop: Shop, cook: Person, manager: Person) -> None:
    with shop.changes_nothing(), refused("wrong_state"):
        manager.does(c.CloseTerminal(terminal="kitchen"))


def test_importing_twice_changes_nothing(shop: Shop) -> None:
    with shop.changes_nothing():
        assert shop.stocks(CATALOG) == {"added": 0, "changed": 0, "unchanged": len(CATALOG)}
    with shop.records("items_imported"):
        answer = shop.stocks([MILK, an_item("5449000000996"), an_item(BREAD.item_id, price_cents=1)])
    assert answer == {"added": 1, "changed": 1, "unchanged": 1}


def test_large_import_is_many_events_and_one_command(shop: Shop) -> None:
    items = [an_item(f"own-{number}", code=f"own-{number}") for number in range(1201)]
    with shop.records("items_imported", "items_imported", "items_imported"):
        assert shop.stocks(items)["added"] == 1201


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        ([an_item("x", tax_class="luxury")], "out_of_range"),
        ([an_item("x", price_cents=-1)], "out_of_range"),
        ([an_item("x", name=" ")], "out_of_range"),
        ([an_item("with space")], "out_of_range"),
        ([MILK, MILK], "bad_request"),
        ([an_item("a", code="77"), an_item("b", code="77")], "bad_request"),
        ([an_item("other-bananas", code="4011")], "already_exists"),
    ],
)
def test_import_with_one_bad_item_imports_nothing(shop: Shop, items: list[object], refusal: str) -> None:
    with shop.changes_nothing(), refused(refusal):
        shop.stocks([an_item("fine"), *items])  # type: ignore[list-item]


def test_price_change_leaves_open_baskets_alone(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    shop.stocks([an_item(MILK.item_id, name="Milk", tax_class="reduced", price_cents=139)])
    lane3.scans(MILK)
    assert [(line.unit_price_cents, line.quantity) for line in lane3.basket.lines] == [(129, 1), (139, 1)]


def test_simulation_is_switched_once(shop: Shop, manager: Person) -> None:
    with shop.records("simulation_switched"):
        manager.does(c.SwitchSimulation(is_on=True))
    with shop.changes_nothing():
        manager.does(c.SwitchSimulation(is_on=True))


def test_real_store_has_no_simulation(tmp_path: object) -> None:
    import msgspec

    real = Shop(tmp_path / "real", msgspec.structs.replace(POLICY, is_demo=False))  # type: ignore[operator]
    with real.changes_nothing(), refused("wrong_state"):
        real.asks(c.SwitchSimulation(is_on=True), LOCAL)
    real.closes()


def test_item_whose_tax_class_the_house_lost_is_not_sold(tmp_path: object) -> None:
    import msgspec

    folder = tmp_path / "house"  # type: ignore[operator]
    before = Shop(folder)
    before.stocks([a_menu_item("soup", tax_class="zero")])
    before.closes()
    after = Shop(folder, msgspec.structs.replace(POLICY, tax_rates_bp={"standard": 2000}))
    lane = Lane(after, "lane1")
    with after.changes_nothing(), refused("not_for_sale", tax_class="zero"):
        lane.scans("soup")
    after.closes()
