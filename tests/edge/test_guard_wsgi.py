"""Door 2 by itself, fed environs that no careful server would make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import HOUSE

from kiosk_server.edge.guard import Guard, GuardSettings
from kiosk_server.edge.guard_doors import ADMISSION, HAS_ORIGIN, OuterDoor

GUARD = Guard(GuardSettings.parse(trusted_proxies=["192.168.1.5"]), read=lambda: HOUSE)


class Inside:
    """An application that remembers whether it was reached."""

    def __init__(self) -> None:
        self.environ: dict[str, object] | None = None

    def __call__(self, environ, start_response):
        self.environ = environ
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"inside"]


def knock(**environ: object) -> tuple[int, dict[str, str], dict[str, object] | None]:
    inside = Inside()
    started: list[tuple[str, list[tuple[str, str]]]] = []
    base = {"REMOTE_ADDR": "10.0.0.7", "REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": "http"}
    asked = base | {"HTTP_HOST": "till.local"} | environ
    answer = OuterDoor(inside, GUARD)(
        {name: value for name, value in asked.items() if value is not None},
        lambda status, headers, exc_info=None: started.append((status, headers)),
    )
    list(answer)
    (status, headers) = started[0]
    return int(status[:3]), dict(headers), inside.environ


NASTY = st.sampled_from(["", ",", "\x00", "null", "*", "http://", "[::1", "a" * 9000, "\xff\xfe", "till.local\r\nX: y"])
ANY = st.one_of(NASTY, st.text(st.characters(max_codepoint=255), max_size=50))
PEERS = st.one_of(st.none(), ANY, st.ip_addresses().map(str), st.sampled_from(["10.0.0.7", "192.168.1.5", "127.0.0.1"]))
HOSTS = st.one_of(st.none(), ANY, st.sampled_from(["till.local", "TILL.:80", "192.168.1.2", "evil.com"]))
CHAINS = st.one_of(st.none(), ANY, st.sampled_from(["10.0.0.7", "8.8.8.8", "10.0.0.7, 192.168.1.5"]))
ORIGINS = st.one_of(st.none(), ANY, st.sampled_from(["http://till.local", "http://till", "http://evil.com"]))


@given(
    PEERS,
    HOSTS,
    CHAINS,
    st.one_of(st.none(), ANY, st.sampled_from(["http", "https"])),
    ORIGINS,
    st.sampled_from(["GET", "HEAD", "POST", "DELETE", "TRACE", "get", "", "\x00"]),
    st.sampled_from([None, "websocket", "WebSocket, h2c", "h2c"]),
)
def test_whatever_is_sent_is_answered_and_only_neighbours_get_in(peer, host, chain, proto, origin, method, upgrade):
    status, headers, reached = knock(
        REMOTE_ADDR=peer,
        HTTP_HOST=host,
        HTTP_X_FORWARDED_FOR=chain,
        HTTP_X_FORWARDED_PROTO=proto,
        HTTP_ORIGIN=origin,
        REQUEST_METHOD=method,
        HTTP_UPGRADE=upgrade,
    )
    assert status in (200, 400, 403, 421)
    assert headers["X-Frame-Options"] == "DENY"
    assert "\n" not in "".join(headers.values())
    assert (status == 200) == (reached is not None)
    if reached is not None:
        client = str(reached["REMOTE_ADDR"])
        assert client.startswith(("10.", "172.", "192.168.", "127.")) or client == "::1"
        assert client != "192.168.1.5"
        assert str(reached["HTTP_HOST"]).partition(":")[0] in ("till.local", "till", "192.168.1.2")
        if method not in ("GET", "HEAD") or (upgrade and "websocket" in upgrade.lower()):
            assert origin in (None, f"{reached['wsgi.url_scheme']}://{reached['HTTP_HOST']}", "http://till")
            assert method in ("GET", "HEAD") or origin is not None


def test_what_a_stranger_forwards_is_gone_further_in():
    _, _, reached = knock(
        HTTP_X_FORWARDED_FOR="127.0.0.1",
        HTTP_X_FORWARDED_HOST="evil.com",
        HTTP_X_FORWARDED_PROTO="https",
        HTTP_FORWARDED="for=127.0.0.1",
        HTTP_X_REAL_IP="127.0.0.1",
        REMOTE_HOST="evil",
    )
    assert reached is not None
    assert not [name for name in reached if "FORWARDED" in name or name in ("HTTP_X_REAL_IP", "REMOTE_HOST")]
    assert (reached["REMOTE_ADDR"], reached["wsgi.url_scheme"]) == ("10.0.0.7", "http")


def test_the_environ_further_in_is_in_normal_form():
    _, _, reached = knock(
        REMOTE_ADDR="::ffff:192.168.1.9",
        HTTP_HOST="TILL.local.:80",
        HTTP_ORIGIN="http://till.LOCAL",
        REQUEST_METHOD="POST",
    )
    assert reached is not None
    assert reached["REMOTE_ADDR"] == "192.168.1.9"
    assert reached["HTTP_HOST"] == "till.local:80"
    assert reached["HTTP_ORIGIN"] == "http://till.local:80"
    assert reached[ADMISSION].client == "192.168.1.9"
    assert reached[HAS_ORIGIN] is True


def test_an_application_that_fails_still_answers_with_our_headers(caplog):
    def fail(environ, start_response):
        raise RuntimeError("a fault")

    started = []
    environ = {"REMOTE_ADDR": "10.0.0.7", "REQUEST_METHOD": "GET", "HTTP_HOST": "till", "wsgi.url_scheme": "http"}
    body = OuterDoor(fail, GUARD)(
        environ, lambda status, headers, exc_info=None: started.append((status, dict(headers)))
    )
    assert b"".join(body) == b""
    assert started[0][0] == "500 Internal Server Error"
    assert "Content-Security-Policy" in started[0][1]
    assert "a fault" in caplog.text


def test_a_hand_over_that_fails_is_left_to_the_transport():
    def fail(environ, start_response):
        raise OSError("gone")

    environ = {"REMOTE_ADDR": "10.0.0.7", "REQUEST_METHOD": "GET", "HTTP_HOST": "till", "transport.hand_over": object()}
    with pytest.raises(OSError, match="gone"):
        OuterDoor(fail, GUARD)(environ, lambda *_: None)
