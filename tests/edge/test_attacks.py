"""Ways in that somebody tried at the running house: who one is, what one shows, and what one says over a socket."""

import json
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import websocket
from running_house import (
    MILK,
    PATIENCE_S,
    FromAddress,
    House,
    Screen,
    bearer,
    eventually,
    hidden_token,
    raw_request,
)

from kiosk_server.config import LimitsConfig, NetworkConfig
from kiosk_server.domain.errors import NotSignedIn, TooMany, WrongState
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge.codes import Purpose
from kiosk_server.edge.door import SESSION_COOKIE, TERMINAL_COOKIE
from kiosk_server.edge.guard import GuardSettings
from kiosk_server.edge.porter import Place

SHOP, OFFICE = {"X-Forwarded-For": "10.0.0.7"}, {"X-Forwarded-For": "192.168.10.5"}
PIN = "836492"


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[House]:
    network = NetworkConfig(trusted_proxies=("127.0.0.1",))
    with House(tmp_path, mode="lan", network=network) as house:
        yield house


def session_of(house: House, name: str, role: Role) -> str:
    return house.kiosk.identities.sessions.begin(Identity(name=name, role=role))


def seated(house: House, name: str, role: Role) -> dict[str, str]:
    """What the browser of somebody who has signed in sends."""
    return {"Cookie": f"{SESSION_COOKIE}={session_of(house, name, role)}", "Origin": house.url}


@contextmanager
def opens(house: House, token: str) -> Iterator[websocket.WebSocket]:
    """A socket that was let in, past its snapshot."""
    line = websocket.create_connection(
        f"{house.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket", origin=house.url, timeout=PATIENCE_S
    )
    line.recv()
    line.send("40" + json.dumps({"token": token}))
    hears(line, '42["snapshot"')
    yield line
    line.shutdown()


def hears(line: websocket.WebSocket, *starts: str) -> str:
    """The next packet that starts so; "" when the connection ends instead."""
    while (packet := line.recv()) and not packet.startswith(starts):
        if packet == "2":
            line.send("3")
    return packet


# -- what one shows --


@pytest.mark.parametrize("blank", [b"\xa0", b"\x85", b"\xa0\xa0"])
def test_bearer_token_of_blanks_lets_no_cookie_speak_without_an_origin(house: House, blank: bytes) -> None:
    token = house.enrols("lane-1", "lane")
    body = json.dumps({"key": "k", "name": "scan_item", "data": {"code": MILK}}).encode()
    before = house.kiosk.bus.head_seq
    answer = raw_request(
        house,
        b"POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %s\r\nCookie: %s=%s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (blank, TERMINAL_COOKIE.encode(), token.encode(), len(body), body),
    )
    assert answer.split()[1] == b"401"
    assert house.kiosk.bus.head_seq == before


@pytest.mark.parametrize("typed_along", ["\r\nAEIOU: 1", "\x00", "&a=1#", "\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_what_is_typed_behind_a_code_gets_into_no_header(house: House, typed_along: str) -> None:
    code = house.kiosk.identities.codes.issue(Identity(name="x", role=Role.MANAGER), Purpose.WELCOME)
    with requests.Session() as browser:
        form = {
            "code": code + typed_along,
            "csrf_token": hidden_token(browser.get(f"{house.url}/signin", timeout=PATIENCE_S).text),
        }
        answer = browser.post(
            f"{house.url}/signin", form, headers={"Origin": house.url}, timeout=PATIENCE_S, allow_redirects=False
        )
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"code": [code]}
    assert "AEIOU" not in answer.headers


def test_token_in_an_address_is_no_token(house: House) -> None:
    token, session = house.enrols("lane-1", "lane"), session_of(house, "Ada", Role.MANAGER)
    for query in (
        f"token={token}",
        f"access_token={token}",
        f"{TERMINAL_COOKIE}={token}",
        f"{SESSION_COOKIE}={session}",
    ):
        assert requests.get(f"{house.url}/api/v1/screen?{query}", timeout=PATIENCE_S).status_code == 401


def test_session_planted_before_signing_in_is_not_the_one_after(house: House) -> None:
    planted = "A" * 43
    with requests.Session() as browser:
        browser.cookies.set(SESSION_COOKIE, planted, domain="127.0.0.1", path="/")
        form = {
            "code": house.kiosk.first_code(),
            "csrf_token": hidden_token(browser.get(f"{house.url}/signin", timeout=PATIENCE_S).text),
        }
        answer = browser.post(
            f"{house.url}/signin", form, headers={"Origin": house.url}, timeout=PATIENCE_S, allow_redirects=False
        )
    assert answer.status_code == 303
    assert answer.cookies[SESSION_COOKIE] != planted
    assert house.get("/api/v1/journal", {"Cookie": f"{SESSION_COOKIE}={planted}"}).status_code == 401


def test_form_token_of_one_session_serves_no_other(house: House) -> None:
    mine, theirs = house.signs_in(), house.signs_in()
    drawn_for_me = hidden_token(mine.get(f"{house.url}/signin", timeout=PATIENCE_S).text)

    def signs_out(browser: requests.Session) -> int:
        return browser.post(
            f"{house.url}/signout",
            {"csrf_token": drawn_for_me},
            headers={"Origin": house.url},
            timeout=PATIENCE_S,
            allow_redirects=False,
        ).status_code

    assert signs_out(theirs) == 403
    assert signs_out(mine) == 303


# -- who one is --


def test_no_spelling_of_a_name_has_tries_of_its_own(house: House) -> None:
    assert house.gives("add_staff", person="Ada", role="manager", secret=PIN)["ok"]
    spellings = ["ada", "ADA", "\uff21\uff44\uff41", " Ada ", "ada\u3000", "Ada" + " " * 100 + "x"]
    heard = []
    for number, name in enumerate(spellings):
        with pytest.raises((NotSignedIn, TooMany)) as refused:
            house.kiosk.porter.sign_in(name, "000000", Place(f"browser:{number}", "10.0.0.7"))
        heard.append(refused.type)
    assert heard == [NotSignedIn] * 5 + [TooMany]


@pytest.mark.parametrize("name", ["A\u200bda", "\u202eadA", "A\u00adda", "\ufeffAda"])
def test_nobody_is_called_by_letters_that_cannot_be_seen(house: House, name: str) -> None:
    assert house.gives("add_staff", person=name, role="cashier", secret=PIN)["code"] == "bad_request"
    answer = house.gives("add_terminal", terminal=name, kind="lane", token_hash=secrets.token_hex(32))
    assert answer["code"] == "bad_request"


def test_code_that_two_managers_confirm_pairs_one_terminal(house: House) -> None:
    with requests.Session() as box:
        page = box.get(f"{house.url}/pair", timeout=PATIENCE_S).text
        found = re.search(r"[A-Z]{4}-[A-Z]{4}", page)
        assert found
        code = found[0]
    ada, bob = seated(house, "Ada", Role.MANAGER), seated(house, "Bob", Role.MANAGER)
    assert house.gives("confirm_pairing", ada, code=code, terminal="lane-7", kind="lane")["ok"]
    for terminal, kind in (("lane-7", "lane"), ("lane-8", "lane"), ("console", "manager")):
        again = house.gives("confirm_pairing", bob, code=code, terminal=terminal, kind=kind)
        assert again["code"] == "already_exists"
    rows = house.get("/api/v1/terminals", house.local()).json()["terminals"]
    assert [row["name"] for row in rows] == ["lane-7"]


def test_codes_used_at_the_same_moment_make_one_first_owner(house: House) -> None:
    codes = [house.kiosk.welcome_code() for _ in range(4)]

    def becomes_owner(number: int) -> str:
        try:
            return house.kiosk.porter.welcome(
                codes[number] or "", f"Owner {number}", "a long enough word", Place(f"browser:{number}", "10.0.0.7")
            )[0].name
        except WrongState:
            return ""

    with ThreadPoolExecutor(4) as at_once:
        made = [name for name in at_once.map(becomes_owner, range(4)) if name]
    assert [row["name"] for row in house.get("/api/v1/staff", house.local()).json()["staff"]] == made
    assert len(made) == 1


def test_one_code_used_at_the_same_moment_signs_one_in(house: House) -> None:
    code = house.kiosk.first_code()

    def signs_in(number: int) -> bool:
        try:
            return bool(house.kiosk.porter.sign_in_with_code(code, Place(f"browser:{number}", "10.0.0.7")))
        except NotSignedIn:
            return False

    with ThreadPoolExecutor(4) as at_once:
        assert sum(at_once.map(signs_in, range(4))) == 1


# -- how often --


def test_whoever_guesses_links_of_receipts_is_slowed_down(house: House) -> None:
    with requests.Session() as guesser:
        guesser.mount("http://", FromAddress("127.0.7.7"))

        def guess() -> requests.Response:
            return guesser.get(f"{house.url}/r/1.{secrets.token_urlsafe(16)}", timeout=PATIENCE_S)

        assert [guess().status_code for _ in range(30)] == [404] * 30
        answer = guess()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert house.get(f"/r/1.{secrets.token_urlsafe(16)}").status_code == 404  # others are others


def test_neighbour_cannot_have_the_disk_written_without_end(proxied: House) -> None:
    answers = [proxied.get("/readyz", SHOP) for _ in range(15)]
    assert [answer.status_code for answer in answers[:10]] == [200] * 10
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]
    assert {proxied.get("/readyz").status_code for _ in range(15)} == {200}  # this machine's watchdog


# -- what one says over a socket --


@pytest.mark.parametrize("event", ["connect", "disconnect", "connect_error", "__disconnect_final", "snapshot", "", "*"])
def test_event_called_as_one_of_ours_is_no_way_past_a_revocation(house: House, event: str) -> None:
    """Were `disconnect` believed, the house would forget a socket that goes on listening."""
    with opens(house, house.enrols("lane-1", "lane")) as line:
        line.send("427" + json.dumps([event, {"token": "x"}]))
        answer = hears(line, "437")
        assert answer == "" or '"bad_request"' in answer
        assert house.gives("retire_terminal", terminal="lane-1")["ok"]
        while answer:
            answer = line.recv()  # until it is closed
    eventually(lambda: house.kiosk.sockets.open_count == 0)


def test_second_connect_makes_nobody_else_of_a_socket(house: House) -> None:
    console = house.enrols("console", "manager")
    with opens(house, house.enrols("lane-1", "lane")) as line:
        line.send("40" + json.dumps({"token": console}))
        assert hears(line, "44")
        assert [socket.terminal for socket in house.kiosk.sockets.open_sockets()] == ["lane-1"]
        line.send('421["command",{"key":"k","name":"stop_all_pumps","data":{}}]')
        assert '"forbidden"' in hears(line, "431")


@pytest.mark.parametrize("packet", ['40/other,{"token":"x"}', "40/admin,"])
def test_other_namespaces_are_nobodys(house: House, packet: str) -> None:
    with opens(house, house.enrols("lane-1", "lane")) as line:
        line.send(packet)
        assert "Invalid namespace" in hears(line, "44/")


def test_socket_that_is_told_to_go_counts_no_more_however_long_it_takes(house: House) -> None:
    lane = house.lane("lane-1")
    house.kiosk.sockets._hang_up = lambda _sid: None  # a connection that is slow to end
    assert house.gives("retire_terminal", terminal="lane-1")["ok"]
    eventually(lambda: house.kiosk.sockets.open_count == 0)
    assert lane.scans(MILK)["code"] == "not_signed_in"
    assert lane.says("resync", {"seq": 0})["code"] == "not_signed_in"


def test_zone_of_a_role_reaches_sockets_that_stand_open(proxied: House) -> None:
    in_shop, in_office = Screen(proxied.url), Screen(proxied.url)
    for screen, where, name in ((in_shop, SHOP, "Ada"), (in_office, OFFICE, "Bob")):
        cookie = seated(proxied, name, Role.CASHIER)["Cookie"]  # the client sends the Origin itself
        screen.connects({"screen": "manager"}, {"Cookie": cookie, **where})
    settings = GuardSettings.parse(trusted_proxies=["127.0.0.1"], zones={"cashier": ["192.168.10.0/26"]})
    proxied.kiosk.guard.change_settings(settings)
    in_shop.waits(lambda: in_shop.is_over)
    assert in_office.says("resync", {"seq": 0})["seq"]
    in_shop.leaves()
    in_office.leaves()


def test_retired_terminals_token_opens_nothing(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    assert house.get("/api/v1/screen", bearer(token)).status_code == 200
    assert house.gives("retire_terminal", terminal="lane-1")["ok"]
    eventually(lambda: house.get("/api/v1/screen", bearer(token)).status_code == 401)
    assert Screen(house.url).is_refused({"token": token})["code"] == "not_signed_in"


def test_revoked_lane_takes_with_it_whoever_was_signed_in_there(house: House) -> None:
    """A stolen box must not go on as the manager who once served at it."""
    assert house.gives("add_staff", person="Ada", role="manager", secret=PIN)["ok"]

    def serves_at(terminal: str) -> dict[str, str]:
        answer = house.post("/api/v1/service", {"person": "Ada", "secret": PIN}, bearer(house.enrols(terminal, "lane")))
        return bearer(answer.json()["token"])

    stolen, elsewhere = serves_at("lane-1"), serves_at("lane-2")
    listening = house.screen(stolen["Authorization"].removeprefix("Bearer "))
    assert house.gives("retire_terminal", terminal="lane-1")["ok"]
    listening.waits(lambda: listening.is_over)
    assert house.get("/api/v1/journal", stolen).status_code == 401
    assert house.get("/api/v1/journal", elsewhere).status_code == 200
    sessions = house.get("/api/v1/staff", house.local()).json()["sessions"]
    assert [session["source"] for session in sessions] == ["terminal:lane-2"]


def test_attendant_and_cashier_are_told_nothing_of_boxes_that_ask_to_be_paired(house: House) -> None:
    """Half of a code, an address and a browser: for those who may confirm it."""
    manager, *others = (Screen(house.url) for _ in range(3))
    roles = (Role.MANAGER, Role.CASHIER, Role.ATTENDANT)
    for screen, role in zip((manager, *others), roles, strict=True):
        screen.connects({"screen": "manager"}, {"Cookie": seated(house, f"the {role}", role)["Cookie"]})
    requests.get(f"{house.url}/pair", timeout=PATIENCE_S)
    manager.waits(lambda: [live for live in manager.lives if live["topic"] == "pairings"])
    house.lane("lane-1")  # whose presence everybody hears of, after that
    for screen in others:
        screen.waits(lambda screen=screen: [live for live in screen.lives if live["topic"] == "presence:lane-1"])
        assert not [live for live in screen.lives if live["topic"] == "pairings"]
    for screen in (manager, *others):
        screen.leaves()


def test_order_that_is_never_limited_is_no_way_round_the_limit_for_who_may_not_give_it(tmp_path: Path) -> None:
    with House(tmp_path, limits=LimitsConfig(commands_per_s=1)) as house:
        lane, boss = house.lane("lane-1"), seated(house, "boss", Role.MANAGER)
        assert "too_many" in [lane.gives("stop_pump", terminal="P1")["code"] for _ in range(20)]
        assert "too_many" not in [house.gives("stop_pump", boss, terminal="P1").get("code") for _ in range(20)]


@pytest.mark.parametrize(
    "packet",
    [
        "40",
        '40/?a={"token":"a"}',
        '40/?a={"token":"a"},{}',
        '40/?a={"token":"a"},',
        '40{"token":""}',
        '40{"token":"a","token":""}',
        '40{"token":"a","\\u0074oken":""}',
    ],
)
def test_socket_without_an_origin_is_not_let_in_by_what_is_no_token(house: House, packet: str) -> None:
    cookie = seated(house, "boss", Role.MANAGER)["Cookie"]
    line = websocket.create_connection(
        f"{house.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket",
        suppress_origin=True,
        cookie=cookie,
        timeout=PATIENCE_S,
    )
    line.recv()
    line.send(packet)
    try:
        assert hears(line, "40", "42") == ""
    except websocket.WebSocketConnectionClosedException:
        pass
    finally:
        line.shutdown()
