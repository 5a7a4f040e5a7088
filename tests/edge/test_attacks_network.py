"""Ways in that somebody tried over the wire: names, paths, methods and forwarded addresses that no browser would send.

Real bytes from real addresses, in a network namespace: 10.0.0.7 is a neighbour, 192.168.1.9 the trusted proxy, and the
console is for 192.168.1.0/28 alone.
"""

from collections.abc import Iterator

import pytest
from namespaces import NEEDS_NAMESPACES, Ask, Stores, get, head

OWN = "192.168.1.2:8080"
ORIGIN = f"http://{OWN}"
NEIGHBOUR, PROXY = "10.0.0.7", "192.168.1.9"
HANDSHAKE = "/socket.io/?EIO=4&transport=websocket"

pytestmark = NEEDS_NAMESPACES


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with Stores(tmp_path_factory.mktemp("static")) as stores:
        yield stores.open(
            house=str(tmp_path_factory.mktemp("house")), trusted_proxies=[PROXY], zones={"manager": ["192.168.1.0/28"]}
        )


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1:8080@evil", "192.168.1.2:8080#", "192.168.1.2:8080/", "192.168.1.2 :8080", "192.168.1.2:+8080"),
        *("127.1", "0300.0250.1.2", "3232235778", "0x7f.1", "0.0.0.0", "[::]", "[fd00::1%lo]", "[fd00::1%25lo]"),
        *("192.168.1.2.nip.io", "7f000001.rbndr.us", "localhost..", "xn--localhost-9za", "%6c%6f%63alhost"),
        *("\xa0localhost", "localhost\x85", "loc\xe4lhost", f"{OWN}, evil.com", f"{OWN};evil.com", "172.32.0.9"),
    ],
)
def test_host_that_only_looks_like_ours_is_misdirected(house: Ask, host: str) -> None:
    assert get(house, NEIGHBOUR, head("/", host=host))[0] == 421


@pytest.mark.parametrize(
    "target",
    [
        *("http://evil.com/", "http://a@192.168.1.2:8080/", "http://192.168.1.2:8080@evil.com/", "http://[::1/"),
        *("http://192.168.1.2:99999/", "http://192.168.1.2/", "ftp://evil.com/", "evil.com:443", OWN),
    ],
)
def test_target_that_names_another_host_is_a_bad_request(house: Ask, target: str) -> None:
    for method in ("GET", "CONNECT", "POST"):
        assert get(house, NEIGHBOUR, head(target, method))[0] == 400


def test_second_host_in_any_case_is_a_bad_request(house: Ask) -> None:
    for name in ("HOST", "hOsT", "Host"):
        assert get(house, NEIGHBOUR, head().replace("Connection", f"{name}: evil.com\r\nConnection"))[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        *("/manager", "//manager", "/%6danager", "/manager?x", "/manager;/", "/manager/", "/./manager", "/manager%2f"),
        *("/x/../manager", "/x/%2e%2e/manager", "/socket.io/../manager", "/..;/manager", "/manager%00", "/manager%20"),
        *("/MANAGER", "/\\manager", "/%5cmanager", "/static/..%2f..%2fconfig.py", "/static/..\\..\\config.py"),
        *("/static/..%5c..%5cconfig.py", "/static//etc/passwd", "/static/%2fetc/passwd", "/static/%c0%ae%c0%ae/app.py"),
        *("/api/v1/pictures/..%2f..%2fstore.db", "/api/v1/pictures/%2e%2e%5cstore.db", "/r/%ff%fe", "/receipt/%d9%a1"),
        *("/enrol/..%2f", "/enrol/%0d%0aSet-Cookie:a=b", "/%0d%0aSet-Cookie:%20a=b", "//evil.com/%2e%2e"),
    ],
)
def test_no_spelling_of_a_path_leads_past_a_door_or_out_of_a_folder(house: Ask, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        status, headers, body = get(house, NEIGHBOUR, head(path, method))
        assert status in {308, 400, 401, 403, 404, *([200] if method == "OPTIONS" else [])}, method
        assert "Set-Cookie" not in headers or "a=b" not in headers["Set-Cookie"]
        assert "root:" not in body
        assert "evil.com" not in headers.get("Location", "")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "QUERY", "CONNECT", "PATCH", "DELETE", "X" * 300])
def test_method_that_we_do_not_know_counts_as_a_write(house: Ask, method: str) -> None:
    for path in ("/", "/api/v1/commands", "/static/app/manifest.json"):
        assert get(house, NEIGHBOUR, head(path, method))[0] == 403
        assert get(house, NEIGHBOUR, head(path, method, Origin=ORIGIN))[0] in (403, 405)


@pytest.mark.parametrize(
    "header",
    [
        *("X-HTTP-Method-Override: POST", "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "Script-Name: /x"),
        *("X-Forwarded-For: 127.0.0.1", "X-Real-IP: 192.168.1.3", "Forwarded: for=192.168.1.3", "Client-IP: 127.0.0.1"),
        *("True-Client-IP: 127.0.0.1", "X_Forwarded_For: 192.168.1.3", "Remote-Addr: 127.0.0.1", "REMOTE_ADDR: ::1"),
        *("X-Forwarded-Host: localhost", "X-Forwarded-Prefix: /x", "CF-Connecting-IP: 192.168.1.3"),
    ],
)
def test_header_of_a_neighbour_moves_them_into_no_other_network(house: Ask, header: str) -> None:
    request = head("/manager").replace("Connection", f"{header}\r\nConnection")
    assert get(house, NEIGHBOUR, request)[0] == 403


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        (["X-Forwarded-For: 192.168.1.3"], 303),  # to sign-in: this one is in the console's network
        (["X-Forwarded-For: ::ffff:192.168.1.3"], 303),
        (["X-Forwarded-For: 8.8.8.8, 192.168.1.3"], 303),
        (["X-Forwarded-For: 192.168.1.3", "X-Real-IP: 10.0.0.7"], 303),
        (["X-Forwarded-For: 192.168.1.3", "X-Forwarded-Host: evil.com"], 303),
        (["X-Forwarded-For: 192.168.1.3, 10.0.0.7"], 403),
        (["X-Forwarded-For: 192.168.1.3, 8.8.8.8"], 403),
        (["X-Forwarded-For: ::ffff:8.8.8.8"], 403),
        (["X-Forwarded-For: fe80::7%lo"], 403),
        (["X-Forwarded-For: 192.168.1.9"], 403),
        (["X-Forwarded-For: 0.0.0.0"], 403),
        (["X-Forwarded-For: 10.0.0.7", "X-Real-IP: 192.168.1.3"], 403),
        (["X-Forwarded-For: 10.0.0.7", "Forwarded: for=192.168.1.3"], 403),
        (["X-Forwarded-For: 10.0.0.7", "X_Forwarded_For: 192.168.1.3"], 403),
        (["X_Forwarded-For: 192.168.1.3", "X-Forwarded-For: 10.0.0.7"], 403),
        (["X_Forwarded_For: 192.168.1.3"], 400),
        (["Forwarded: for=192.168.1.3"], 400),
        (["X-Real-IP: 192.168.1.3"], 400),
        (["X-Forwarded-For: 192.168.1.3:1234"], 400),
        (['X-Forwarded-For: "192.168.1.3"'], 400),
        (["X-Forwarded-For: [fd00::7]:44"], 400),
        (["X-Forwarded-For: 192.168.001.003"], 400),
        (["X-Forwarded-For: 3232235779"], 400),
        (["X-Forwarded-For: 0xc0a80103"], 400),
        (["X-Forwarded-For: 192.168.1.3;127.0.0.1"], 400),
        (["X-Forwarded-For: \xa0192.168.1.3"], 400),
        (["X-Forwarded-For: 192.168.1.3", "x-FORWARDED-for: 192.168.1.3"], 400),
        (["X-Forwarded-For: 192.168.1.3", "X-Forwarded-Proto: HTTPS"], 400),
        (["X-Forwarded-For: 192.168.1.3", "X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], 400),
    ],
)
def test_proxy_is_believed_to_the_letter_or_not_at_all(house: Ask, forwarded: list[str], status: int) -> None:
    lines = "".join(f"{line}\r\n" for line in forwarded)
    assert get(house, PROXY, head("/manager").replace("Connection", f"{lines}Connection"))[0] == status


@pytest.mark.parametrize(
    "origin",
    [
        *("http://192.168.1.2", "http://192.168.1.2:80", "http://192.168.1.2:8080.", "https://192.168.1.2:8080"),
        *(f"{ORIGIN}/", f"{ORIGIN} {ORIGIN}", "http://xn--evil", "null", ""),
    ],
)
def test_socket_opens_for_our_origin_alone(house: Ask, origin: str) -> None:
    for upgrade in ("websocket", "h2c, WebSocket"):
        request = head(HANDSHAKE, Origin=origin, Upgrade=upgrade).replace("Connection: close", "Connection: Upgrade")
        assert get(house, NEIGHBOUR, request)[0] == 403
    assert house("open", "ours", NEIGHBOUR, "192.168.1.2", [], "http://192.168.1.2.:8080") == "0"


@pytest.mark.parametrize(
    "header",
    [
        *("Cookie: " + "a=b; " * 2500, "Cookie: kiosk_session=" + "x" * 8000, 'Cookie: kiosk_session="\\000"'),
        *("Cookie: kiosk_terminal=\xff", "Cookie: kiosk_pairing=\xff\xfe", "Cookie: =;=;=", "Cookie: kiosk_form=\xff"),
        *("Authorization: Bearer a b", "Authorization: Bearer=x", "Authorization: Basic Og==", "Authorization: \xff"),
        *("Accept: \xff", "Accept: */*;q=nan", "Accept-Language: " + "a," * 5000, "Accept-Language: *;q=x"),
        *("Range: bytes=0-0,1-1,2-2", "Range: bytes=-", 'If-None-Match: "', "If-Modified-Since: x", "Expect: x"),
        *("Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "User-Agent: \xff\x80", "Accept-Encoding: gzip;q=inf"),
        'Content-Type: application/json; charset="',
    ],
)
@pytest.mark.parametrize("path", ["/signin", "/api/v1/screen", "/static/app/manifest.json"])
def test_odd_header_breaks_nothing(house: Ask, path: str, header: str) -> None:
    status, headers, _ = get(house, NEIGHBOUR, head(path).replace("Connection", f"{header}\r\nConnection"))
    assert 200 <= status < 500, header
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
