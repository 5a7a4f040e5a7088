"""Hosts, origins and headers, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.edge.headers import FIXED, bearer_of, cache_control, content_security_policy, has_own_origin, secure
from kiosk_server.edge.hosts import HostNames, parse_host, parse_origin
from kiosk_server.edge.network import parse_address

NAMES = HostNames.of(
    "Till.shop.lan",
    [parse_address(text) for text in ("192.168.1.2", "fd00::2", "fe80::2")],
    ["kiosk.example.com", "203.0.113.9"],
)


def is_ours(header: str | None) -> bool:
    host = parse_host(header)
    return host is not None and NAMES.has(host)


@pytest.mark.parametrize(
    "header",
    [
        *("192.168.1.2", "192.168.1.2:8080", "192.168.1.2:", "[fd00::2]", "[fd00::2]:8080", "[FD00:0::2]", "[fe80::2]"),
        *("localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.5:1", "[::1]:65535", "till", "TILL.local", "till.local."),
        *("till.shop.lan", "Till.Shop.LAN.:8080", "kiosk.example.com", "203.0.113.9", "[::ffff:192.168.1.2]"),
    ],
)
def test_our_own_names_are_ours(header):
    assert is_ours(header)


@pytest.mark.parametrize(
    "header",
    [
        *(
            None,
            "",
            " ",
            "till.local.evil.com",
            "kiosk.lan@evil.com",
            "till@evil.com",
            "till.local:80@evil.com",
            "evil.com",
        ),
        *("till.local, evil.com", "till.local,till.local", "till.local evil.com", "http://till.local", "till.local/x"),
        *(
            "till.local:0",
            "till.local:65536",
            "till.local:8a",
            "till.local:-1",
            "till.local:80:80",
            "till.local..",
            ".",
        ),
        *("192.168.1.3", "10.0.0.1", "192.168.1.02", "192.168.258", "3232235778", "0xc0a80102", ".."),
        *(
            "fd00::2",
            "[fd00::2",
            "fd00::2]",
            "[fd00::3]",
            "[fe80::2%25eth0]",
            "[fe80::2%eth0]",
            "[]",
            "[::1]x",
            "[till]",
        ),
        *(
            "till.local\x00",
            "till.local\n",
            "t\u00efll",
            "till%2elocal",
            "-till",
            "till-",
            "*",
            "x" * 300,
            "a." * 130 + "a",
        ),
        *("till\uff0elocal", "t\u0131ll.local", "\u212aiosk.example.com", "till.local#", "till.local?", "\\till"),
    ],
)
def test_everything_else_is_not_ours(header):
    assert not is_ours(header)


def test_a_machine_without_a_usable_name_is_still_found_by_address():
    for name in ("", "my till", "127", "(none)"):
        names = HostNames.of(name, [parse_address("10.0.0.1")], [])
        assert names.has(parse_host("10.0.0.1:80"))
        assert names.names == {"localhost"}


@given(st.text(max_size=40))
def test_any_host_header_is_parsed_or_refused(header):
    host = parse_host(header)
    assert host is None or parse_host(str(host)) == host


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "is_own"),
    [
        ("http://till.local", "till.local", "http", True),
        ("http://till.local:80", "TILL.local.", "http", True),
        ("http://till.local:8080", "till.local:8080", "http", True),
        ("https://till.local", "till.local:443", "https", True),
        ("http://[fd00::2]:8080", "[FD00:0:0::2]:8080", "http", True),
        ("https://till.local", "till.local", "http", False),
        ("http://till.local", "till.local:8080", "http", False),
        ("http://till.local:8081", "till.local:8080", "http", False),
        ("http://evil.com", "till.local", "http", False),
        ("http://till.local.evil.com", "till.local", "http", False),
        ("http://till.local@evil.com", "till.local", "http", False),
        ("http://till.local/", "till.local", "http", False),
        ("http://till.local, http://till.local", "till.local", "http", False),
        ("HTTP://till.local", "till.local", "http", False),
        ("ws://till.local", "till.local", "http", False),
        ("file://", "till.local", "http", False),
        ("null", "till.local", "http", False),
        ("", "till.local", "http", False),
        (None, "till.local", "http", None),
    ],
)
def test_an_origin_is_ours_only_when_all_of_it_is(origin, host, scheme, is_own):
    environ = {} if origin is None else {"HTTP_ORIGIN": origin}
    assert has_own_origin(environ, parse_host(host), scheme) is is_own


def test_origins_compare_by_scheme_host_and_port():
    assert parse_origin("http://a:80") == parse_origin("http://A.")
    assert parse_origin("http://a") != parse_origin("https://a:80")


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", ""),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_a_bearer_token_is_read_as_rfc_6750_writes_it(header, token):
    assert bearer_of({"HTTP_AUTHORIZATION": header}) == token


# -- what leaves --


def test_our_headers_replace_what_a_view_said():
    theirs = [
        ("content-security-policy", "default-src *"),
        ("X-Frame-Options", "ALLOWALL"),
        ("Content-Type", "text/html"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Cache-Control", "public"),
        ("Referrer-Policy", "unsafe-url"),
    ]
    headers = secure(theirs, path="/lane", status=200, host=parse_host("till.local"), scheme="http")
    names = [name.lower() for name, _ in headers]
    found = dict(headers)
    assert names.count("set-cookie") == 2
    assert all(names.count(name) == 1 for name in set(names) - {"set-cookie"})
    assert found["Cache-Control"] == "no-store"
    assert found["Referrer-Policy"] == "same-origin"
    assert all(found[name] == value for name, value in FIXED.items())


def test_a_view_may_be_stricter_about_the_referrer():
    headers = dict(secure([("Referrer-Policy", "no-referrer")], path="/", status=302, host=None, scheme="http"))
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_allows_own_things_only_and_nothing_inline():
    policy = content_security_policy(parse_host("till.local:8080"), "https")
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src 'self' wss://till.local:8080;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "data:" not in policy


@pytest.mark.parametrize(
    ("path", "status", "chosen", "is_page", "expected"),
    [
        ("/lane", 200, None, True, "no-store"),
        ("/lane", 200, "public, max-age=60", True, "no-store"),
        ("/api/v1/items", 200, None, False, "no-store"),
        ("/openapi.json", 200, "max-age=60", False, "max-age=60"),
        ("/static/app/lane-ABCD2345.js", 200, "no-cache", False, "public, max-age=31536000, immutable"),
        ("/static/app/lane-ABCD2345.js.map", 304, None, False, "public, max-age=31536000, immutable"),
        ("/static/app/fonts/inter-ZZZZ2222.woff2", 206, None, False, "public, max-age=31536000, immutable"),
        ("/static/app/manifest.json", 200, None, False, "no-cache"),
        ("/static/app/service-workerlong.js", 200, None, False, "no-cache"),
        ("/static/app/lane-ABCD2345.js", 404, None, False, "no-store"),
        ("/static/app/lane-ABCD2345.js", 403, "public", True, "no-store"),
        ("/staticx/app/lane-ABCD2345.js", 200, None, False, "no-store"),
    ],
)
def test_only_hashed_files_are_kept_for_ever(path, status, chosen, is_page, expected):
    assert cache_control(path, status, chosen, is_page=is_page) == expected
