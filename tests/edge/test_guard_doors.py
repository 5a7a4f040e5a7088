"""Every door over real TCP, from real source addresses, in a network namespace whose loopback has them all."""

from collections.abc import Callable, Iterator

import pytest
from namespaces import NEEDS_NAMESPACES, Ask, Stores, get, head, own_address

OUTSIDE = ["8.8.8.8", "100.64.0.9", "169.254.7.7", "192.0.2.5", "172.32.0.1", "2001:db8::5"]
INSIDE = ["10.0.0.7", "192.168.1.9", "172.16.3.4", "127.0.0.1"]
PATHS = ["/", "/static/app/lane-ABCD2345.js", "/nothing-here", "/socket.io/?EIO=4&transport=websocket", "/fail"]

pytestmark = NEEDS_NAMESPACES


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Ask]]:
    """A way to open stores with settings, all closed in the end."""
    with Stores(tmp_path_factory.mktemp("static")) as stores:
        yield stores.open


@pytest.fixture(scope="module")
def lan(open_store: Callable[..., Ask]) -> Ask:
    return open_store(zones={"manager": ["192.168.1.0/28"]})


@pytest.fixture(scope="module")
def proxied(open_store: Callable[..., Ask]) -> Ask:
    """192.168.1.9 and 10.0.0.1 are its trusted proxies."""
    return open_store(trusted_proxies=["192.168.1.9", "10.0.0.1"], deny=["10.0.0.66"])


# -- door 1 --


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("source", [*OUTSIDE, "fd00::7", "fe80::7"])
def test_a_stranger_is_closed_without_an_answer(lan, source, path):
    assert get(lan, source, head(path, Upgrade="websocket"))[0] == 0
    row = next(row for row in lan("drops") if row[0] == source)
    assert row[1:3] == ["not_allowed", "accept"]


@pytest.mark.parametrize("source", INSIDE)
def test_a_neighbour_is_served_everything(lan, source):
    assert [get(lan, source, head(path))[0] for path in PATHS] == [200, 200, 404, 400, 500]
    assert get(lan, source, head())[2] == f"{source} http 192.168.1.2:8080"


def test_ipv6_neighbours_are_served_by_opting_in(open_store):
    ask = open_store(ipv6_ula=True, ipv6_link_local=True)
    for source in ("fd00::7", "fe80::7"):
        host = f"[{own_address(source)}]:8080"
        assert get(ask, source, head(host=host))[2] == f"{source} http {host}"
    assert get(ask, "2001:db8::5", head())[0] == 0


def test_private_mode_serves_this_machine_alone(open_store):
    ask = open_store(mode="private")
    assert get(ask, "10.0.0.7", head())[0] == 0
    assert get(ask, "127.0.0.1", head())[0] == 200


def test_strangers_at_the_door_do_not_keep_neighbours_out(lan):
    for _ in range(100):
        assert get(lan, "8.8.8.8", head())[0] == 0
    assert get(lan, "10.0.0.7", head())[0] == 200


# -- door 2 --


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    ["kiosk.lan.evil.com", "kiosk.lan@evil.com", "evil.com", "localhost.evil.com", "10.0.0.99", "a, b", "192.168.258"],
)
def test_a_host_that_is_not_ours_is_refused(lan, path, host):
    status, headers, _ = get(lan, "10.0.0.7", head(path, host=host, Upgrade="websocket"))
    assert status in (400, 421)
    assert status == 400 or headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "request_head",
    [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\nConnection: close\r\n\r\n",
        "GET http://evil.com/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    ],
)
def test_no_host_two_hosts_and_hosts_elsewhere_are_refused(lan, request_head):
    assert get(lan, "10.0.0.7", request_head)[0] in (400, 421)


def test_our_host_in_another_spelling_is_ours(lan):
    for host in ("LOCALHOST", "localhost.:8080", "192.168.1.2", "[FD00:0::1]:8080"):
        assert get(lan, "10.0.0.7", head(host=host))[0] == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_headers(lan, path):
    _, headers, _ = get(lan, "10.0.0.7", head(path))
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if "ABCD" in path else "no-store")


def test_a_write_needs_our_origin_or_a_token(lan):
    own = "http://192.168.1.2:8080"
    body = {"Content_Type": "application/json", "Content_Length": "0"}

    def write(**headers: str) -> int:
        return get(lan, "10.0.0.7", head("/write", "POST", **body, **headers))[0]

    assert write(Origin=own) == 200
    assert write(Authorization="Bearer abc") == 200
    assert write() == 403
    assert write(Origin="http://evil.com") == 403
    assert write(Origin="http://evil.com", Authorization="Bearer abc") == 403
    assert write(Origin="null") == 403
    assert write(Origin=own, Host="evil.com") == 400
    assert write(Upgrade="websocket") == 403


def test_a_form_needs_the_token_it_was_drawn_with(lan):
    own = "http://192.168.1.2:8080"
    _, headers, token = get(lan, "10.0.0.7", head("/form"))
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert "SameSite=Strict" in headers["Set-Cookie"]
    assert "HttpOnly" in headers["Set-Cookie"]

    def submit(field: str, cookie: str, **headers: str) -> int:
        body = f"csrf_token={field}"
        kind = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": str(len(body))}
        return get(lan, "10.0.0.7", head("/write", "POST", Origin=own, Cookie=cookie, **kind, **headers) + body)[0]

    assert submit(token, cookie) == 200
    assert submit("", cookie, X_CSRF_Token=token) == 200
    assert submit("", cookie) == 403
    assert submit(token, "kiosk_form=" + "0" * 32) == 403
    assert submit(token, "") == 403
    assert submit(token, f"{cookie}; kiosk_session=another") == 403
    assert submit("\xff", cookie) == 403


# -- door 3 --


def test_a_zone_opens_its_screen_to_its_own_network_only(lan):
    assert get(lan, "192.168.1.9", head("/manager"))[0] == 200
    assert get(lan, "127.0.0.1", head("/manager"))[0] == 200
    assert get(lan, "10.0.0.7", head("/manager"))[0] == 403
    assert ["10.0.0.7", "wrong_zone", "screen"] in [row[:3] for row in lan("drops")]


# -- door 4 --


def test_a_quarantine_closes_an_open_socket_at_its_next_packet(open_store):
    ask = open_store()
    assert ask("open", "a", "10.0.0.7", "192.168.1.2", [], "http://192.168.1.2:8080") == "0"
    assert ask("say", "a", "40").startswith("40{")
    assert ask("say", "a", '421["ask",{}]') == '431[{"peer":"10.0.0.7"}]'
    ask("order", "quarantine", "10.0.0.7", "a test")
    assert ask("say", "a", '422["ask",{}]') in (None, "1")
    assert ["10.0.0.7", "quarantined", "packet"] in [row[:3] for row in ask("drops")]
    assert get(ask, "10.0.0.7", head())[0] == 0


def test_a_socket_opens_only_for_our_pages_or_with_a_token(lan):
    own = "http://192.168.1.2:8080"
    assert lan("open", "foreign", "10.0.0.7", "192.168.1.2", [], "http://evil.com") == 403
    assert lan("open", "null", "10.0.0.7", "192.168.1.2", [], "null") == 403
    assert lan("open", "both", "10.0.0.7", "192.168.1.2", ["Host: evil.com"], "http://evil.com") in (400, 421)
    assert lan("open", "own", "10.0.0.7", "192.168.1.2", [], own) == "0"
    assert lan("say", "own", "40").startswith("40{")
    for name, first in (("bare", "40"), ("empty", '40{"token":""}'), ("odd", '40{"token":5}'), ("bad", "40{")):
        assert lan("open", name, "10.0.0.7", "192.168.1.2", [], None) == "0"
        assert lan("say", name, first) in (None, "1")
    assert lan("open", "token", "10.0.0.7", "192.168.1.2", [], None) == "0"
    assert lan("say", "token", '40{"token":"abc"}').startswith("40{")
    assert lan("open", "bearer", "10.0.0.7", "192.168.1.2", ["Authorization: Bearer abc"], None) == "0"
    assert lan("say", "bearer", "40").startswith("40{")


def test_the_rules_cover_the_whole_application(lan):
    assert lan("walk") == []


# -- proxies --


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("chain", "status"),
    [
        ("8.8.8.8", 403),
        ("10.0.0.7, 8.8.8.8", 403),
        ("10.0.0.66", 403),
        ("192.168.1.9", 403),
        ("127.0.0.1, 8.8.8.8", 403),
        ("", 400),
        (None, 400),
        ("unknown", 400),
        ("10.0.0.7:80", 400),
        ("10.0.0.7,", 400),
    ],
)
def test_a_proxy_earns_its_clients_no_trust(proxied, path, chain, status):
    headers = {} if chain is None else {"X_Forwarded_For": chain}
    got, _, body = get(proxied, "192.168.1.9", head(path, Upgrade="websocket", **headers))
    assert got == status
    assert "10.0.0" not in body


def test_the_client_behind_proxies_is_seen_everywhere(proxied):
    request = head(X_Forwarded_For="10.0.0.7, 10.0.0.1", X_Forwarded_Proto="https", X_Forwarded_Host="evil.com")
    assert get(proxied, "192.168.1.9", request)[2] == "10.0.0.7 https 192.168.1.2:8080"
    spoofed = head(X_Forwarded_For="127.0.0.1", X_Forwarded_Proto="https")
    assert get(proxied, "10.0.0.7", spoofed)[2] == "10.0.0.7 http 192.168.1.2:8080"


@pytest.mark.parametrize("path", PATHS)
def test_several_forwarded_headers_are_refused(proxied, path):
    for name, values in (("X-Forwarded-For", ("10.0.0.7", "10.0.0.7")), ("X-Forwarded-Proto", ("https", "https"))):
        doubled = "".join(f"{name}: {value}\r\n" for value in values)
        request = head(path, X_Forwarded_For="10.0.0.7") if "Proto" in name else head(path)
        assert get(proxied, "192.168.1.9", request.replace("Connection", f"{doubled}Connection"))[0] == 400


def test_a_socket_behind_a_proxy_answers_for_its_client(proxied):
    headers = ["X-Forwarded-For: 10.0.0.7", "X-Forwarded-Proto: http"]
    assert proxied("open", "a", "192.168.1.9", "192.168.1.2", headers, "http://192.168.1.2:8080") == "0"
    assert proxied("say", "a", "40").startswith("40{")
    assert proxied("say", "a", '421["ask",{}]') == '431[{"peer":"10.0.0.7"}]'
    proxied("order", "quarantine", "10.0.0.7", "a test")
    assert proxied("say", "a", '422["ask",{}]') in (None, "1")
    proxied("order", "lift", "10.0.0.7")


def test_public_mode_serves_the_world_through_the_proxy_over_tls(open_store):
    ask = open_store(mode="public", trusted_proxies=["192.168.1.9"], hosts=["kiosk.example.com"])
    tls = {"host": "kiosk.example.com", "X_Forwarded_For": "8.8.8.8", "X_Forwarded_Proto": "https"}
    assert get(ask, "192.168.1.9", head(**tls))[2] == "8.8.8.8 https kiosk.example.com"
    assert get(ask, "192.168.1.9", head(**tls | {"X_Forwarded_Proto": "http"}))[0] == 403
    assert get(ask, "8.8.8.8", head(**tls))[0] == 0
    assert get(ask, "10.0.0.7", head(**tls))[0] == 0


# -- the machine changes --


def test_the_allow_list_follows_the_interfaces(open_store):
    ask = open_store(allow=["own-subnets"])
    ask("ip", "addr", "add", "172.20.5.9/24", "dev", "lo")
    assert get(ask, "10.0.0.7", head())[0] == 200
    assert get(ask, "172.20.5.9", head())[0] == 0
    ask("refresh")
    assert get(ask, "172.20.5.9", head(host="172.20.5.9"))[0] == 200
    ask("ip", "addr", "del", "10.0.0.7/24", "dev", "lo")  # and 10.0.0.1 with it, of which it is the primary address
    ask("refresh")
    ask("ip", "addr", "add", "10.0.0.7/24", "dev", "lo")
    assert get(ask, "10.0.0.7", head())[0] == 0
    assert get(ask, "192.168.1.9", head())[0] == 200


def test_a_subnet_that_goes_takes_its_open_sockets_with_it(open_store):
    ask = open_store(allow=["own-subnets"])
    ask("ip", "addr", "add", "172.20.5.9/24", "dev", "lo")
    ask("ip", "route", "add", "local", "172.20.5.0/24", "dev", "lo", "metric", "9")  # the line itself stays up
    ask("refresh")
    assert ask("open", "a", "172.20.5.77", "192.168.1.2", [], "http://192.168.1.2:8080") == "0"
    assert ask("say", "a", "40").startswith("40{")
    assert ask("say", "a", '421["ask",{}]') == '431[{"peer":"172.20.5.77"}]'
    ask("ip", "addr", "del", "172.20.5.9/24", "dev", "lo")
    ask("refresh")
    assert ask("say", "a", '422["ask",{}]') in (None, "1")
    assert ["172.20.5.77", "not_allowed", "packet"] in [row[:3] for row in ask("drops")]


def test_the_watch_follows_the_interfaces_unaided(open_store):
    ask = open_store(allow=["own-subnets"])
    ask("start")
    ask("ip", "addr", "add", "172.20.5.9/24", "dev", "lo")
    ask("nudge_and_wait")
    assert get(ask, "172.20.5.9", head(host="172.20.5.9"))[0] == 200


def test_a_veth_pair_brings_its_subnet_and_takes_it_away(open_store):
    ask = open_store(allow=["own-subnets"])
    ask("ip", "link", "add", "till0", "type", "veth", "peer", "name", "till1")
    ask("ip", "addr", "add", "172.21.0.1/24", "dev", "till0")
    ask("ip", "link", "set", "till0", "up")
    ask("refresh")
    assert ["172.21.0.0/24", "own subnet: interface till0 has 172.21.0.1"] in ask("explain", "172.21.0.9")["networks"]
    assert ask("explain", "172.21.0.9")["in"]
    assert get(ask, "172.21.0.1", head(host="172.21.0.1:8080"))[0] == 200
    ask("ip", "link", "del", "till0")
    ask("refresh")
    assert not ask("explain", "172.21.0.9")["in"]
    assert ask("explain", "192.168.1.9")["in"]


def test_other_settings_reach_connections_that_stand_open(open_store):
    ask = open_store()
    assert ask("open", "a", "10.0.0.7", "192.168.1.2", [], "http://192.168.1.2:8080") == "0"
    assert ask("say", "a", "40").startswith("40{")
    ask("settings", {"allow": ["192.168.1.0/24"]})
    assert ask("say", "a", '421["ask",{}]') in (None, "1")


def test_a_quarantine_reaches_the_next_request_on_a_connection_kept_open(open_store):
    ask = open_store()
    ask("keep", "a", "10.0.0.7", "192.168.1.2")
    assert [ask("again", "a", path) for path in ("/", "/nothing-here", "/")] == [200, 404, 200]
    ask("order", "quarantine", "10.0.0.7", "a test")
    assert ask("again", "a", "/") == 403
    ask("order", "lift", "10.0.0.7")
    ask("keep", "b", "10.0.0.7", "192.168.1.2")
    assert ask("again", "b", "/") == 200
