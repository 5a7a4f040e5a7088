"""Every route, asked by everybody: exactly those get in whom the route's own row names."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from running_house import PATIENCE_S, FromAddress, House, bearer

from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge.door import SESSION_COOKIE
from kiosk_server.edge.identity import CONSOLE, MANAGEMENT, screen_of
from kiosk_server.edge.operation import ANYBODY, ATTENDANTS, LANES, LOCAL, MANAGERS, SIGNED_IN, STAFF
from kiosk_server.edge.operations import OPERATIONS

EVERYBODY = [None, *(role for role in Role if role not in (Role.DRIVER, Role.DOOR))]
TERMINALS = {Role.LANE, Role.STALL, Role.PUMP, Role.KITCHEN, Role.PICKUP, Role.DISPLAY}

# What the row cannot say: these answer by more than the role.
BY_MORE = {
    ("get", "/metrics"): "only this machine, whoever asks",
    ("get", "/enrol/<token>"): "by the token in the address",
    ("get", "/api/v1/pairing"): "by the pairing cookie",
    ("post", "/signin"): "by what is typed",
    ("post", "/welcome"): "by what is typed",
    ("post", "/signout"): "by the form's token",
    ("get", "/static/<path:filename>"): "by the file",
}
ALLOWED = {
    ANYBODY: {*EVERYBODY},
    SIGNED_IN: {*EVERYBODY} - {None},
    STAFF: CONSOLE,
    ATTENDANTS: CONSOLE | {Role.ATTENDANT},
    MANAGERS: MANAGEMENT,
    LANES: {Role.LANE},
    LOCAL: {Role.LOCAL},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(Path(tmp_path_factory.mktemp("house"))) as running:
        yield running


@pytest.fixture(scope="module")
def headers(house: House) -> dict[Role | None, dict[str, str]]:
    """What each of them shows."""
    shown: dict[Role | None, dict[str, str]] = {None: {"Origin": house.url}, Role.LOCAL: house.local()}
    for role in EVERYBODY:
        if role in TERMINALS:
            shown[role] = bearer(house.enrols(f"box-{role}", str(role)))
        elif role not in shown:
            token = house.kiosk.identities.sessions.begin(Identity(name=f"the {role}", role=Role(role)))
            shown[role] = {"Cookie": f"{SESSION_COOKIE}={token}", "Origin": house.url}
    return shown


def test_every_row_says_who() -> None:
    assert {row.who for row in OPERATIONS.values()} <= set(ALLOWED)
    assert set(BY_MORE) <= set(OPERATIONS)


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
@pytest.mark.parametrize("route", [route for route in OPERATIONS if route not in BY_MORE], ids="-".join)
def test_route_is_open_to_exactly_those_of_its_row(
    house: House, headers: dict[Role | None, dict[str, str]], route: tuple[str, str], role: Role | None
) -> None:
    method, rule = route
    row = OPERATIONS[route]
    path = rule.replace("<number>", "1").replace("explain", "explain?address=10.0.0.1")
    with requests.Session() as browser:
        # From addresses of this machine, so that its administrator is believed and nobody's rate is another's.
        browser.mount("http://", FromAddress(f"127.0.1.{secrets.randbelow(250) + 1}"))
        answer = browser.request(
            method,
            house.url + path,
            json={"key": "k", "name": "x"} if row.body else None,
            headers=headers[role],
            timeout=PATIENCE_S,
            allow_redirects=False,
        )
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    screen = screen_of(Identity(name="x", role=role)) if role else None
    if row.tag == "pages" and row.who == SIGNED_IN and rule.count("/") == 1:
        is_open = f"/{screen}" == rule
        assert answer.status_code in ({200, 503} if is_open else {303, 403}), answer.text
        assert is_open or answer.status_code == 403 or answer.headers["Location"] == "/signin"
        return
    is_open = role in ALLOWED[row.who] and not (rule == "/api/v1/screen" and screen is None)
    assert (answer.status_code not in {401, 403}) == is_open, (answer.status_code, answer.text)
    if not is_open:
        assert answer.status_code == (401 if role is None else 403)
