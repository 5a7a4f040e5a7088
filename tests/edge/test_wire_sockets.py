"""The wire over real sockets: connect, snapshot, command, event, resync, and how it ends."""

import time
from pathlib import Path

import websocket
from running_house import BREAD, MILK, PATIENCE_S, FastClock, House, Screen, eventually, hidden_token

from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.store.db import DiskLimits


def test_lane_connects_and_gets_its_snapshot(house: House) -> None:
    lane = house.lane("lane-1")
    [snapshot] = lane.snapshots
    assert snapshot["screen"] == "lane"
    assert snapshot["state"]["terminal"]["name"] == "lane-1"
    assert snapshot["state"]["terminal"]["state"] == "attract"
    assert snapshot["seq"] == house.kiosk.bus.head_seq
    assert snapshot["build"] == house.kiosk.build


def test_lane_scans_and_is_answered_after_the_commit(house: House) -> None:
    lane = house.lane("lane-1")
    reply = lane.scans(MILK)
    assert reply["ok"], reply
    assert reply["result"]["totals"]["total_cents"] == 119
    assert (
        house.get(f"/api/v1/journal?since={reply['seq'] - 1}", house.local()).json()["events"][0]["seq"] == reply["seq"]
    )


def test_lane_hears_its_events_chained_by_prev(house: House) -> None:
    lane, other = house.lane("lane-1"), house.lane("lane-2")
    lane.scans(MILK)
    other.scans(BREAD)
    lane.scans(BREAD)
    lane.waits(lambda: len([event for event in lane.events if event["type"] == "item_scanned"]) == 2)
    last = lane.snapshots[0]["seq"]
    for event in lane.events:
        assert event["prev"] <= last
        assert event["seq"] > last
        last = event["seq"]
    assert {event["data"]["terminal"] for event in lane.events} == {"lane-1"}


def test_console_hears_of_every_lane(house: House) -> None:
    console = house.console()
    house.lane("lane-1").scans(MILK)
    scanned = console.hears("item_scanned")
    assert scanned["data"]["line"]["name"] == "Whole milk 1 l"
    assert abs(scanned["at"] - time.time() * 1000) < 60_000


def test_token_hash_never_leaves(house: House) -> None:
    console = house.console()
    house.enrols("lane-9", "lane")
    added = console.hears("terminal_added")
    assert "token_hash" not in added["data"]["added"]
    assert "token_hash" not in house.get("/api/v1/journal?limit=1000", house.local()).text
    assert "token_hash" not in str(console.says("resync", {"seq": added["seq"] - 1}))


def test_client_resyncs_and_gets_what_it_missed(house: House) -> None:
    lane = house.lane("lane-1")
    since = lane.snapshots[0]["seq"]
    lane.scans(MILK)
    house.lane("lane-2").scans(MILK)
    last = lane.scans(BREAD)["seq"]
    missed = lane.says("resync", {"seq": since})
    lane.waits(lambda: lane.events[-1:] and lane.events[-1]["seq"] >= missed["events"][-1]["seq"])
    assert [event["type"] for event in missed["events"]] == [event["type"] for event in lane.events]
    assert missed["seq"] >= last
    assert missed["events"][0]["prev"] == since
    for before, after in zip(missed["events"], missed["events"][1:], strict=False):
        assert after["prev"] == before["seq"]


def test_client_too_far_behind_gets_a_snapshot(house: House) -> None:
    lane = house.lane("lane-1")
    house.fills_the_journal(510)
    answer = lane.says("resync", {"seq": 1})
    assert answer["snapshot"]["screen"] == "lane"
    assert "events" not in answer


def test_client_ahead_of_the_journal_gets_a_snapshot(house: House) -> None:
    """A store restored from a backup is behind the screens that saw the lost part."""
    lane = house.lane("lane-1")
    answer = lane.says("resync", {"seq": 10_000_000})
    assert answer["snapshot"]["seq"] == house.kiosk.bus.head_seq


def test_key_replayed_after_a_reconnect_is_done_once(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    first = house.screen(token)
    answer = first.gives("scan_item", key="tap-1", code=MILK)
    first.leaves()
    second = house.screen(token)
    assert second.gives("scan_item", key="tap-1", code=MILK) == answer
    assert second.snapshots[0]["state"]["basket"]["totals"]["items"] == 1
    refused = second.gives("scan_item", key="tap-1", code=BREAD)
    assert refused["code"] == "key_reused"


def test_two_tabs_of_one_lane_are_both_live(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    left, right = house.screen(token), house.screen(token)
    left.scans(MILK)
    assert right.hears("item_scanned") == left.hears("item_scanned")
    left.leaves()
    assert right.scans(BREAD)["result"]["totals"]["items"] == 2


def test_retired_terminal_is_told_and_closed(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    lane = house.screen(token)
    began_s = time.monotonic()
    assert house.gives("retire_terminal", terminal="lane-1")["ok"]
    lane.waits(lambda: lane.is_over)
    assert time.monotonic() - began_s < 1.0, "issue: revoke closes sockets within a second"
    assert lane.notices[-1]["code"] == "not_signed_in"
    shape = Screen(house.url).is_refused({"token": token})
    assert shape["code"] == "not_signed_in"
    assert house.get("/api/v1/screen", {"Authorization": f"Bearer {token}"}).status_code == 401


def test_stranger_is_refused_with_the_error_shape(house: House) -> None:
    shape = Screen(house.url).is_refused({"token": "no such token"})
    assert shape == {"ok": False, "code": "not_signed_in", "message": shape["message"]}
    assert "Enrol" in shape["message"]


def test_unusable_auth_is_refused_naming_the_field(house: House) -> None:
    shape = Screen(house.url).is_refused({"token": "x", "seq": "seven"})
    assert shape["code"] == "bad_request"
    assert shape["details"]["field"] == "seq"


def test_local_administrator_has_no_screen(house: House) -> None:
    assert Screen(house.url).is_refused({"token": house.kiosk.local_token})["code"] == "forbidden"


def test_lane_may_not_confirm_cash(house: House) -> None:
    lane = house.lane("lane-1")
    reply = lane.gives("confirm_cash", basket_id="b1", received_cents=100)
    assert reply["code"] == "forbidden"


def test_mistyped_command_is_answered_with_a_guess(house: House) -> None:
    reply = house.lane("lane-1").gives("scan_itme", code=MILK)
    assert reply["code"] == "unknown_command"
    assert reply["details"]["did_you_mean"] == ["scan_item"]


def test_command_of_the_inside_is_unknown_on_the_wire(house: House) -> None:
    assert house.lane("lane-1").gives("import_items", items=[])["code"] == "unknown_command"


def test_unknown_event_is_answered_not_swallowed(house: House) -> None:
    reply = house.lane("lane-1").says("comand", {})
    assert reply["code"] == "bad_request"
    assert "command" in reply["message"]


def test_bad_bodies_are_refused_naming_the_field(house: House) -> None:
    lane = house.lane("lane-1")
    bodies = [
        (None, ""),
        ([], ""),
        ({}, "key"),
        ({"key": "", "name": "finish"}, "key"),
        ({"key": "a\n", "name": "finish"}, "key"),
        ({"key": "k", "name": 7}, "name"),
        ({"key": "k", "name": "scan_item", "data": []}, "data"),
        ({"key": "k", "name": "scan_item", "data": {}}, "data.code"),
        ({"key": "k", "name": "scan_item", "data": {"code": 4}}, "data.code"),
        ({"key": "k", "name": "scan_item", "data": {"code": "4", "quantity": 0}}, "data.quantity"),
        ({"key": "k", "name": "scan_item", "data": {"code": "4", "quantity": 10**50}}, "data.quantity"),
        ({"key": "k", "name": "scan_item", "data": {"code": "4", "colour": "red"}}, "data.colour"),
        ({"key": "k", "name": "scan_item", "data": {"code": b"4"}}, "data.code"),
        ({"key": "k", "name": "void_line", "data": {"line_id": 2**63}}, "data.line_id"),
        ({"key": "k", "name": "scan_item", "data": {"code": "4"}, "extra": 1}, "extra"),
    ]
    for body, field in bodies:
        reply = lane.says("command", body)
        assert reply["code"] == "bad_request", body
        assert reply["details"]["field"] == field, (body, reply)
    for body in (None, {}, {"seq": "1"}, {"seq": 1.5}, {"seq": 1, "more": 2}):
        assert lane.says("resync", body)["code"] == "bad_request", body


def test_ten_kilobytes_of_digits_are_refused_clearly(house: House) -> None:
    lane = house.lane("lane-1")
    reply = lane.scans("4" * 10_240)
    assert reply["code"] == "code_too_long"
    assert lane.scans(MILK)["ok"]


def test_scan_during_payment_is_refused_and_changes_nothing(house: House) -> None:
    lane = house.lane("lane-1")
    lane.scans(MILK)
    first = lane.gives("choose_tender", tender="cash")
    assert first["ok"], first
    reply = lane.scans(BREAD)
    assert reply["code"] in ("wrong_state", "illegal_transition"), reply
    again = lane.gives("choose_tender", tender="cash")
    assert again["result"] == first["result"]
    assert house.get("/api/v1/screen", house.local()).status_code == 403


def test_whole_sale_reaches_everybody(house: House) -> None:
    lane, console = house.lane("lane-1"), house.console()
    lane.scans(MILK)
    lane.gives("choose_tender", tender="cash")
    raised = console.hears("intervention_raised")["data"]["intervention"]
    reply = console.gives("confirm_cash", basket_id=raised["basket_id"], received_cents=200)
    assert reply["ok"], reply
    receipt = lane.hears("basket_paid")["data"]["receipt"]
    assert receipt["change_cents"] == 81
    assert lane.gives("finish")["ok"]
    lane.waits(lambda: lane.events[-1]["data"].get("state") == "attract")


def test_pump_fuels_with_live_litres_and_is_paid(house: House) -> None:
    pump, console = house.screen(house.enrols("pump-1", "pump")), house.console()
    assert pump.gives("lift_nozzle", grade_id="diesel")["ok"]
    assert console.gives("authorise_pump", terminal="pump-1", limit_cents=50)["ok"]
    for screen in (pump, console):
        screen.waits(lambda here=screen: [live for live in here.lives if live["topic"] == "fuel:pump-1"])
    pump.waits(lambda: pump.lives[-1]["data"].get("amount_cents") == 50)
    assert pump.gives("hang_nozzle")["ok"]
    finished = pump.hears("fuelling_finished")["data"]
    assert finished["amount_cents"] == 50
    reply = console.gives("confirm_cash", basket_id=finished["basket_id"], received_cents=50)
    assert reply["ok"], reply
    assert pump.hears("basket_paid")["data"]["receipt"]["total_cents"] == 50


def test_stall_orders_and_the_kitchen_bumps(house: House) -> None:
    stall = house.screen(house.enrols("stall-1", "stall"))
    kitchen, console = house.screen(house.enrols("kitchen-1", "kitchen")), house.console()
    pickup = house.screen(house.enrols("pickup-1", "pickup"))
    assert stall.gives("add_item", item_id="burger")["ok"]
    order = stall.gives("place_order")
    assert order["ok"], order
    assert console.gives("confirm_cash", basket_id=order["result"]["basket_id"], received_cents=1000)["ok"]
    ticket = kitchen.hears("ticket_fired")["data"]["ticket"]
    assert [line["name"] for line in ticket["lines"]] == ["Cheeseburger"]
    assert kitchen.gives("move_ticket", ticket_id=ticket["ticket_id"], event="bump")["ok"]
    for screen in (kitchen, stall, console, pickup):
        assert screen.hears("ticket_moved")["data"]["state"] == "ready"
    assert pickup.gives("move_ticket", ticket_id=ticket["ticket_id"], event="hand_over")["code"] == "forbidden"


def test_stale_page_is_told_to_reload(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    stale = house.screen(token, build="of-last-week")
    stale.waits(lambda: stale.notices)
    assert stale.notices[0]["kind"] == "reload"
    assert stale.notices[0]["build"] == house.kiosk.build
    fresh = house.screen(token, build=house.kiosk.build)
    fresh.scans(MILK)
    assert fresh.notices == []


def test_full_disk_is_said_on_every_screen_and_taken_back(house: House) -> None:
    lane, token = house.lane("lane-1"), house.enrols("lane-2", "lane")
    least = house.kiosk.database.limits
    house.kiosk.database.limits = DiskLimits(stop_bytes=2**62)
    try:
        eventually(lambda: house.get("/readyz").status_code == 503)
        assert lane.scans(MILK)["code"] == "read_only"
        lane.waits(lambda: lane.notices)
        assert lane.notices[-1]["code"] == "read_only"
        late = house.screen(token)
        late.waits(lambda: late.notices)
        assert late.notices[-1]["code"] == "read_only"
        assert house.get("/readyz").json()["details"]["checks"] == {"write": "read_only", "read": "ok"}
    finally:
        house.kiosk.database.limits = least
    lane.waits(lambda: lane.notices[-1]["code"] == "writable")
    assert lane.scans(MILK)["ok"]
    assert house.get("/readyz").status_code == 200


def test_presence_is_told_to_the_console(house: House) -> None:
    console = house.console()
    lane = house.lane("lane-1")
    console.waits(lambda: presence_of("lane-1", console) == "online")
    lane.leaves()
    console.waits(lambda: presence_of("lane-1", console) == "late")
    tiles = house.get("/api/v1/terminals", house.local()).json()["terminals"]
    assert {tile["name"]: tile["is_online"] for tile in tiles} == {"console": True, "lane-1": False}


def test_late_console_learns_when_a_terminal_was_there_last(house: House) -> None:
    house.enrols("lane-2", "lane")
    lane = house.lane("lane-1")
    lane.leaves()
    tiles = {tile["name"]: tile for tile in house.console().snapshots[0]["state"]["terminals"]}
    assert tiles["lane-1"]["seen_at"] > 0
    assert tiles["lane-2"]["seen_at"] is None


def test_menu_changes_reach_stalls_but_groceries_do_not(house: House) -> None:

    stall = house.screen(house.enrols("stall-1", "stall"))
    house.stocks((Item(item_id="2000000000008", name="Soap", price_cents=99),))
    house.stocks((Item(item_id="fries", name="Fries", kind=ItemKind.MENU, price_cents=290),))
    imported = stall.hears("items_imported")
    assert [item["item_id"] for item in imported["data"]["items"]] == ["fries"]
    assert len([event for event in stall.events if event["type"] == "items_imported"]) == 1


def test_manager_by_cookie_connects_and_is_closed_when_signing_out(house: House) -> None:
    browser = house.signs_in()
    console = Screen(house.url)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    console.connects({"screen": "manager"}, {"Cookie": cookies})
    assert console.snapshots[0]["state"]["role"] == "manager"
    page = browser.get(f"{house.url}/signin", timeout=30).text

    browser.post(
        f"{house.url}/signout",
        data={"csrf_token": hidden_token(page)},
        headers={"Origin": house.url},
        timeout=30,
        allow_redirects=False,
    ).raise_for_status()
    console.waits(lambda: console.is_over)
    assert browser.get(f"{house.url}/api/v1/screen", timeout=30).status_code == 401


def test_console_nobody_touches_is_signed_out(tmp_path: Path) -> None:
    clock = FastClock()
    with House(tmp_path, clock=clock) as house:
        browser, wall = house.signs_in(), house.console("wall")
        console = Screen(house.url)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        console.connects({"screen": "manager"}, {"Cookie": cookies})
        clock.ahead_s += 14 * 60
        assert "events" in console.says("resync", {"seq": house.kiosk.bus.head_seq}), "a touch"
        clock.ahead_s += 14 * 60
        assert "events" in console.says("resync", {"seq": house.kiosk.bus.head_seq}), "14 minutes after the touch"
        clock.ahead_s += 16 * 60
        console.waits(lambda: console.is_over)
        assert console.notices[-1]["code"] == "not_signed_in"
        assert wall.gives("stop_all_pumps")["ok"], "the wall's own console is a terminal and stays"
        console.leaves()


def test_cookie_without_origin_is_no_way_in(house: House) -> None:
    """A page of another site that hides its Origin must not ride on the browser's cookie."""
    browser = house.signs_in()
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    url = house.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    stranger = websocket.create_connection(url, cookie=cookies, suppress_origin=True, timeout=PATIENCE_S)
    stranger.send("40")
    heard = []
    while (frame := stranger.recv_data(control_frame=True))[0] != websocket.ABNF.OPCODE_CLOSE:
        heard.append(frame[1])
    stranger.shutdown()
    assert heard[0].startswith(b"0{"), "Engine.IO opens"
    assert heard[1:] == [b"1"], "and closes, for the door said no; Socket.IO was never joined"


def test_lane_keeps_its_basket_over_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        token = house.enrols("lane-1", "lane")
        lane = house.screen(token)
        lane.scans(MILK)
        seq = house.kiosk.bus.head_seq
        house.kiosk.say_closing()
        lane.waits(lambda: lane.notices)
        assert lane.notices[-1]["kind"] == "closing"
    with House(tmp_path) as house:
        lane = house.screen(token, seq=seq)
        assert lane.snapshots[0]["state"]["basket"]["totals"]["total_cents"] == 119
        assert lane.scans(MILK)["result"]["line"]["quantity"] == 2
        assert lane.hears("item_scanned")["prev"] <= lane.snapshots[0]["seq"]


def test_disconnected_screens_leave_nothing_behind(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    for _ in range(20):
        house.screen(token).leaves()
    eventually(lambda: house.kiosk.sockets.open_count == 0)
    metrics = house.get("/metrics").text
    assert 'kiosk_connections{screen="lane"} 0.0' in metrics


def presence_of(terminal: str, console: Screen) -> str | None:
    told = [live["data"] for live in console.lives if live["topic"] == f"presence:{terminal}"]
    return told[-1]["presence"] if told else None
