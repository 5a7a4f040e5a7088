"""The doors of the real house: no route and no socket event is without its rule, and strangers reach none of them."""

import re
from collections.abc import Iterator

import pytest
from namespaces import NEEDS_NAMESPACES, Ask, Stores, get, head

from kiosk_server.app import create_app
from kiosk_server.config import Config
from kiosk_server.edge.guard_screens import walk_rules

HOST = "192.168.1.2:8080"


def test_every_route_and_socket_event_of_the_house_has_its_rule(tmp_path):
    app = create_app(Config(data_dir=tmp_path))
    kiosk = app.extensions["kiosk"]
    try:
        assert walk_rules(app, kiosk.socketio.server) == []
    finally:
        kiosk.stop()


def test_a_route_an_event_or_a_door_that_is_forgotten_is_named(tmp_path):
    app = create_app(Config(data_dir=tmp_path))
    kiosk = app.extensions["kiosk"]
    try:
        app.add_url_rule("/forgotten", "forgotten", lambda: "")
        kiosk.socketio.on_event("forgotten", lambda: None)
        app.before_request_funcs[None].insert(0, lambda: None)
        app.wsgi_app = app.wsgi_app.app
        problems = "\n".join(walk_rules(app, kiosk.socketio.server))
    finally:
        kiosk.stop()
    for hint in ("route forgotten has no row", "event forgotten is in no table", "another before_request", "OuterDoor"):
        assert hint in problems


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with Stores(tmp_path_factory.mktemp("static")) as stores:
        yield stores.open(house=str(tmp_path_factory.mktemp("house")), zones={"manager": ["192.168.1.0/28"]})


@pytest.fixture
def routes(house: Ask) -> list[tuple[str, str]]:
    found = [(method, path) for method, path in house("routes")]
    assert ("GET", "/lane") in found
    assert ("POST", "/api/v1/commands") in found
    return [*found, ("GET", "/nothing-here"), ("GET", "/socket.io/?EIO=4&transport=websocket")]


class TestInANamespace:
    pytestmark = NEEDS_NAMESPACES

    def test_a_stranger_reaches_no_route(self, house, routes):
        for method, path in routes:
            assert get(house, "8.8.8.8", head(path, method, HOST))[0] == 0, path
            assert get(house, "fd00::7", head(path, method, HOST))[0] == 0, path

    def test_no_route_answers_to_another_name(self, house, routes):
        for method, path in routes:
            assert get(house, "10.0.0.7", head(path, method, "kiosk.lan.evil.com"))[0] == 421, path

    def test_no_write_is_taken_from_another_site_or_from_nowhere(self, house, routes):
        for method, path in routes:
            if method != "GET":
                length = {"Content_Type": "application/json", "Content_Length": "0"}
                assert get(house, "10.0.0.7", head(path, method, HOST, **length))[0] == 403, path
                evil = head(path, method, HOST, Origin="http://evil.com", **length)
                assert get(house, "10.0.0.7", evil)[0] == 403, path

    def test_every_answer_to_a_neighbour_has_the_headers(self, house, routes):
        for method, path in routes:
            own = {"Origin": f"http://{HOST}", "Content_Type": "application/json", "Content_Length": "0"}
            status, headers, _ = get(house, "10.0.0.7", head(path, method, HOST, **own))
            assert 200 <= status < 500, path
            assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["X-Frame-Options"] == "DENY", path
            assert "Cache-Control" in headers, path

    def test_the_console_is_closed_outside_its_zone(self, house):
        assert get(house, "10.0.0.7", head("/manager", host=HOST))[0] == 403
        assert get(house, "192.168.1.9", head("/manager", host=HOST))[0] != 403

    def test_sign_in_tries_are_limited_by_address_with_a_time_to_wait(self, house):
        def tries(source: str) -> tuple[int, dict[str, str]]:
            _, headers, page = get(house, source, head("/signin", host=HOST))
            token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)[1]
            body = f"csrf_token={token}&code=BCDF-GHJK"
            form = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": str(len(body))}
            cookie = headers["Set-Cookie"].partition(";")[0]
            post = head("/signin", "POST", HOST, Origin=f"http://{HOST}", Cookie=cookie, **form)
            status, headers, _ = get(house, source, post + body)
            return status, headers

        statuses = [tries("172.16.3.4") for _ in range(14)]
        assert statuses[0][0] == 401
        assert statuses[-1][0] == 429
        assert 1 <= int(statuses[-1][1]["Retry-After"]) <= 10
        assert tries("192.168.1.9")[0] == 401
