"""People come and go at a real house: over real TCP, with real hashing, a real store, and restarts."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from running_house import PATIENCE_S, FromAddress, House, Screen, bearer, eventually, hidden_token

from kiosk_server.config import LimitsConfig
from kiosk_server.domain.commands import KeepTimes
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge.door import SESSION_COOKIE

SECRETS = {"Olga": "correct horse battery", "Mia": "294718", "Ada": "4711", "Cook": "8052"}
ROLES = {"Olga": "owner", "Mia": "manager", "Ada": "attendant", "Cook": "kitchen"}


@pytest.fixture
def staffed(house: House) -> House:
    """A house with an owner, a manager, an attendant and a cook."""
    hires(house, *SECRETS)
    return house


def hires(house: House, *names: str) -> None:
    for name in names:
        reply = house.gives("add_staff", person=name, role=ROLES[name], secret=SECRETS[name])
        assert reply["ok"], reply


@contextmanager
def a_browser(address: str = "127.0.0.1") -> Iterator[requests.Session]:
    """Somebody's browser; tries are slowed down by address, so whoever tries often has one of their own."""
    with requests.Session() as browser:
        browser.mount("http://", FromAddress(address))
        yield browser


def posts(house: House, browser: requests.Session, path: str, **form: str) -> requests.Response:
    """Fill in the form of that page, as a person does."""
    page = browser.get(house.url + "/signin", timeout=PATIENCE_S).text
    return browser.post(
        house.url + path,
        data={"csrf_token": hidden_token(page), **form},
        headers={"Origin": house.url},
        timeout=PATIENCE_S,
        allow_redirects=False,
    )


def signs_in(house: House, browser: requests.Session, name: str, secret: str = "") -> requests.Response:
    return posts(house, browser, "/signin", person=name, secret=secret or SECRETS[name])


def sends(house: House, browser: requests.Session, command: str, key: str = "", **data: Any) -> dict[str, Any]:
    body = {"key": key or secrets.token_hex(8), "name": command, "data": data}
    reply: dict[str, Any] = browser.post(
        house.url + "/api/v1/commands", json=body, headers={"Origin": house.url}, timeout=PATIENCE_S
    ).json()
    return reply


def reads(house: House, browser: requests.Session, path: str) -> requests.Response:
    return browser.get(house.url + path, timeout=PATIENCE_S, allow_redirects=False)


def console_of(house: House, browser: requests.Session) -> Screen:
    screen = Screen(house.url)
    house._clients.append(screen)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    screen.connects({"screen": "manager"}, {"Cookie": cookies})
    return screen


def journal(house: House) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.get("/api/v1/journal?limit=1000", house.local()).json()["events"]
    return rows


# -- signing in --


def test_manager_signs_in_by_name_and_pin_and_reaches_the_console(staffed: House) -> None:
    with a_browser() as browser:
        answer = signs_in(staffed, browser, " mIA", SECRETS["Mia"])
        assert (answer.status_code, answer.headers["Location"]) == (303, "/manager")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        state = reads(staffed, browser, "/api/v1/screen").json()["state"]
        assert (state["who"], state["role"]) == ("Mia", "manager")


def test_cook_who_signs_in_sees_the_kitchen_alone(staffed: House) -> None:
    with a_browser() as browser:
        assert signs_in(staffed, browser, "Cook").headers["Location"] == "/kitchen"
        assert reads(staffed, browser, "/api/v1/screen").json()["screen"] == "kitchen"
        assert reads(staffed, browser, "/api/v1/staff").status_code == 403
        assert reads(staffed, browser, "/manager").status_code == 403


def test_stranger_and_wrong_secret_hear_the_same_words(staffed: House) -> None:
    with a_browser() as one, a_browser() as other:
        wrong, nobody = signs_in(staffed, one, "Mia", "000111"), signs_in(staffed, other, "Nobody", "000111")
    assert wrong.status_code == nobody.status_code == 401
    assert message_of(wrong) == message_of(nobody)


def test_stranger_waits_as_somebody_of_the_staff_does(staffed: House) -> None:
    def walk(name: str, address: str) -> list[tuple[int, str]]:
        with a_browser(address) as browser:
            found = [signs_in(staffed, browser, name, "wrong one") for _ in range(6)]
        return [(answer.status_code, message_of(answer)) for answer in found]

    known = walk("Mia", "127.0.0.3")
    assert known == walk("Nobody", "127.0.0.4")
    assert [status for status, _ in known] == [401] * 5 + [429]


def test_locked_out_person_is_refused_even_with_the_right_secret(staffed: House) -> None:
    with a_browser("127.0.0.3") as attacker, a_browser("127.0.0.4") as mia:
        for _ in range(5):
            signs_in(staffed, attacker, "Mia", "999999")
        answer = signs_in(staffed, mia, "Mia")
        assert answer.status_code == 429
        assert 50 <= int(answer.headers["Retry-After"]) <= 60
        # Her colleague in another browser at the same address is not held.
        assert signs_in(staffed, mia, "Ada").status_code == 303


def test_lockout_survives_a_restart_and_a_manager_lifts_it(tmp_path: Path) -> None:
    with House(tmp_path) as house, a_browser() as browser:
        hires(house, *SECRETS)
        for _ in range(5):
            signs_in(house, browser, "Ada", "0000")
        assert house.get("/api/v1/staff", house.local()).json()["staff"][0]["locked_s"] > 50
    with House(tmp_path) as house, a_browser() as ada, a_browser() as olga:
        row = house.get("/api/v1/staff", house.local()).json()["staff"][0]
        assert (row["name"], row["wrong_tries"]) == ("Ada", 5)
        assert 30 < row["locked_s"] <= 60
        assert signs_in(house, ada, "Ada").status_code == 429
        assert signs_in(house, olga, "Olga").status_code == 303
        assert sends(house, olga, "unlock_staff", person="Ada")["ok"]
        eventually(lambda: signs_in(house, ada, "Ada").status_code == 303)


def test_session_survives_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house, a_browser() as browser:
        hires(house, "Olga")
        signs_in(house, browser, "Olga")
        token = browser.cookies[SESSION_COOKIE]
    with House(tmp_path) as house:
        screen = house.get("/api/v1/screen", {"Cookie": f"{SESSION_COOKIE}={token}"})
        assert screen.json()["state"]["who"] == "Olga"
        assert house.get("/api/v1/staff", house.local()).json()["sessions"][0]["person"] == "Olga"


def test_new_secret_signs_out_everywhere_and_closes_consoles(staffed: House) -> None:
    with a_browser() as one, a_browser() as other:
        signs_in(staffed, one, "Mia")
        signs_in(staffed, other, "Mia")
        console = console_of(staffed, other)
        wrong = sends(staffed, one, "change_secret", person="Mia", secret="830264", current="111111")
        assert wrong["code"] == "forbidden"
        assert reads(staffed, other, "/api/v1/screen").status_code == 200
        assert sends(staffed, one, "change_secret", person="Mia", secret="830264", current=SECRETS["Mia"])["ok"]
        console.waits(lambda: console.is_over)
        assert eventually(lambda: reads(staffed, one, "/api/v1/screen").status_code == 401)
        assert signs_in(staffed, one, "Mia").status_code == 401
        assert signs_in(staffed, one, "Mia", "830264").status_code == 303


def test_retired_person_is_out_within_a_second(staffed: House) -> None:
    with a_browser() as browser:
        signs_in(staffed, browser, "Ada")
        console = console_of(staffed, browser)
        staffed.gives("retire_staff", person="Ada")
        console.waits(lambda: console.is_over)
        assert console.notices[-1]["code"] == "not_signed_in"
        assert signs_in(staffed, browser, "Ada").status_code == 401


def test_signing_out_everywhere_ends_all_sessions_of_one_person_alone(staffed: House) -> None:
    with a_browser() as one, a_browser() as other, a_browser() as ada:
        signs_in(staffed, one, "Mia")
        signs_in(staffed, other, "Mia")
        signs_in(staffed, ada, "Ada")
        assert sends(staffed, one, "sign_out_everywhere")["result"] == {"ended": 2}
        eventually(lambda: reads(staffed, other, "/api/v1/screen").status_code == 401)
        assert reads(staffed, ada, "/api/v1/screen").status_code == 200


def test_same_order_sent_twice_adds_a_person_once(staffed: House) -> None:
    order = {"person": "Max", "role": "cashier", "secret": "7139"}
    first = staffed.gives("add_staff", key="again", **order)
    assert first["ok"]
    assert staffed.gives("add_staff", key="again", **order) == first
    assert staffed.gives("add_staff", key="again", **{**order, "secret": "7138"})["code"] == "key_reused"


def test_no_hash_or_secret_is_ever_told(staffed: House) -> None:
    with a_browser() as browser:
        signs_in(staffed, browser, "Olga")
        console = console_of(staffed, browser)
        staffed.gives("add_staff", person="Max", role="cashier", secret="7139")
        console.hears("staff_added")
        told = json.dumps([console.events, console.snapshots, journal(staffed)])
        told += reads(staffed, browser, "/api/v1/staff").text
    for word in ("argon2", "fingerprint", "token_hash", "7139", *SECRETS.values()):
        assert word not in told, word


def test_hidden_fields_cannot_be_sent(staffed: House) -> None:
    sealed = {"kind": "pin", "hash": "$argon2id$v=19$x"}
    for name, data in [
        ("add_staff", {"person": "Eve", "role": "cashier", "sealed": sealed}),
        ("change_secret", {"person": "Olga", "sealed": sealed}),
        ("confirm_pairing", {"code": "x", "terminal": "lane9", "kind": "lane", "token_hash": "ab" * 32}),
    ]:
        assert staffed.gives(name, **data)["code"] == "bad_request", name
    for name in ("sign_in", "report_wrong_secret", "keep_times", "end_session", "report_refusals"):
        assert staffed.gives(name)["code"] == "unknown_command", name


def test_many_tries_at_once_are_not_free(staffed: House) -> None:
    """A dozen guesses in parallel are still five."""
    statuses: list[int] = []
    with a_browser() as first:
        page = first.get(staffed.url + "/signin", timeout=PATIENCE_S)
        cookies, token = dict(first.cookies), hidden_token(page.text)

    def guesses(number: int) -> None:
        form = {"csrf_token": token, "person": "Mia", "secret": f"{number:06}"}
        answer = requests.post(
            staffed.url + "/signin", data=form, cookies=cookies, headers={"Origin": staffed.url}, timeout=PATIENCE_S
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=guesses, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) <= 5, statuses
    assert set(statuses) <= {401, 429}


# -- the first owner --


def test_first_owner_comes_with_the_code_of_the_server(house: House) -> None:
    code = house.kiosk.welcome_code()
    assert code is not None
    with a_browser() as browser:
        assert "new" in reads(house, browser, "/pair").text
        assert posts(house, browser, "/signin", code=code).headers["Location"] == f"/welcome?code={code}"
        assert 'name="again"' in reads(house, browser, f"/welcome?code={code}").text
        for secret, again, status in [("123456", "123456", 422), ("294718", "294717", 422), ("4711", "4711", 422)]:
            answer = posts(house, browser, "/welcome", code=code, person="Olga", secret=secret, again=again)
            assert answer.status_code == status, answer.text
        invisible = posts(house, browser, "/welcome", code=code, person="\u3164", secret="294718", again="294718")
        assert invisible.status_code == 400
        answer = posts(house, browser, "/welcome", code=code, person=" Olga  Ärzte ", secret="294718", again="294718")
        assert answer.headers["Location"] == "/manager"
        assert reads(house, browser, "/api/v1/screen").json()["state"]["role"] == "owner"
    assert house.kiosk.welcome_code() is None
    with a_browser() as late:
        answer = posts(house, late, "/welcome", code=code, person="Eve", secret="294718", again="294718")
        assert answer.status_code == 401


def test_second_code_makes_no_second_owner(house: House) -> None:
    one, other = house.kiosk.welcome_code(), house.kiosk.welcome_code()
    with a_browser() as browser:
        posts(house, browser, "/welcome", code=str(one), person="Olga", secret="294718", again="294718")
    with a_browser() as eve:
        answer = posts(house, eve, "/welcome", code=str(other), person="Eve", secret="294718", again="294718")
        assert answer.status_code == 409


def test_reset_code_gives_a_new_secret(staffed: House) -> None:
    wish = {"person": "Mia", "is_reset": True}
    issued = requests.post(
        staffed.url + "/api/v1/staff/codes", json=wish, headers=staffed.local(), timeout=PATIENCE_S
    ).json()["result"]
    with a_browser() as browser:
        page = reads(staffed, browser, f"/welcome?code={issued['code']}").text
        assert "Mia" in page
        answer = posts(staffed, browser, "/welcome", code=issued["code"], secret="830264", again="830264")
        assert answer.headers["Location"] == "/manager"
        assert reads(staffed, browser, "/api/v1/screen").json()["state"]["who"] == "Mia"
        assert signs_in(staffed, browser, "Mia", "830264").status_code == 303


def message_of(answer: requests.Response) -> str:
    return answer.text.partition('role="alert"')[2].partition(">")[2].partition("<")[0]


# -- who was turned away --


def test_refusals_reach_the_journal_counted(staffed: House) -> None:
    lane = bearer(staffed.enrols("lane-1", "lane"))
    for _ in range(20):
        staffed.gives("retire_terminal", lane, terminal="lane-1")
    staffed.kiosk.porter.refusals.flush()

    def told() -> list[Any]:
        rows = [row for row in journal(staffed) if row["type"] == "access_refused"]
        found = [one for row in rows for one in row["data"]["refusals"]]
        return found if sum(one["count"] for one in found) == 20 else []

    rows = eventually(told)
    assert len(rows) <= 3, "counted, and told anew only when the time for telling comes in between"
    assert {(one["who"], one["what"], one["why"]) for one in rows} == {("lane-1", "retire_terminal", "forbidden")}
    assert {one["where"] for one in rows} == {"127.0.0.2"}


def refused(house: House) -> set[tuple[str, str, str]]:
    """Who, what and why of all refusals in the journal."""
    house.kiosk.porter.refusals.flush()
    house.kiosk.bus.submit(
        KeepTimes(locked_s={}, sessions={}), Identity(name="door", role=Role.DOOR), secrets.token_hex(8)
    ).result(30)
    found = [row for row in journal(house) if row["type"] == "access_refused"]
    return {(one["who"], one["what"], one["why"]) for row in found for one in row["data"]["refusals"]}


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[House]:
    """A staffed house in which a terminal gives one command a second, and soon has given too many."""
    with House(tmp_path, limits=LimitsConfig(commands_per_s=1)) as house:
        hires(house, *SECRETS)
        yield house


def test_every_kind_of_refusal_reaches_the_journal(impatient: House) -> None:
    token = impatient.enrols("lane-1", "lane")
    lane = bearer(token)
    impatient.gives("retire_terminal", lane, terminal="lane-1")
    impatient.get("/api/v1/staff", lane)
    impatient.get("/api/v1/screen", bearer("wrong"))
    impatient.get("/api/v1/screen")
    impatient.get("/enrol/wrong")
    impatient.get("/", {"Host": "evil.example"})
    requests.post(impatient.url + "/signout", headers={"Origin": "http://evil.example"}, timeout=PATIENCE_S)
    requests.post(impatient.url + "/signout", headers={"Origin": impatient.url}, timeout=PATIENCE_S)
    Screen(impatient.url).is_refused({"token": "wrong"})
    screen = impatient.screen(token)
    screen.gives("add_staff", person="Eve", role="owner", secret="a long passphrase")
    for _ in range(100):
        if screen.gives("scan_item", code="4006381333931").get("code") == "too_many":
            break
    with a_browser() as browser:
        signs_in(impatient, browser, "Mia", "000001")
        signs_in(impatient, browser, "Nobody", "000001")
        posts(impatient, browser, "/signin", code="BCDFGHJK")
    found = refused(impatient)
    assert {
        ("lane-1", "retire_terminal", "forbidden"),
        ("lane-1", "add_staff", "forbidden"),
        ("lane-1", "scan_item", "too_many"),
        ("lane-1", "the staff", "forbidden"),
        ("", "GET /api/v1/screen", "not_signed_in"),
        ("", "enrol", "not_signed_in"),
        ("", "connect", "not_signed_in"),
        ("", "door: request", "wrong_host"),
        ("", "door: request", "wrong_origin"),
        ("", "door: screen", "wrong_origin"),
        ("Mia", "sign_in", "not_signed_in"),
        ("", "sign_in", "not_signed_in"),
        ("", "sign_in_with_code", "not_signed_in"),
    } <= found
    assert not [what for _, what, _ in found if what.startswith(("POST", "GET /enrol", "GET /api/v1/staff"))], (
        "told twice"
    )


def test_refusals_are_shown_on_the_console_over_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.gives("retire_terminal", bearer(house.enrols("lane-1", "lane")), terminal="lane-1")
        eventually(lambda: house.get("/api/v1/network", house.local()).json()["refusals"])
    with House(tmp_path) as house:
        (row,) = house.get("/api/v1/network", house.local()).json()["refusals"]
        assert (row["who"], row["what"], row["why"]) == ("lane-1", "retire_terminal", "forbidden")
