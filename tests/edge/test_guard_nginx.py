"""The nginx sample, word for word but for its certificate, run by a real nginx in front of a real store."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespaces import NEEDS_NAMESPACES, Ask, Stores, get, head, parse

SAMPLE = Path(__file__).parents[2] / "config" / "nginx" / "kiosk-server.conf"
NGINX = os.environ.get("KIOSK_TEST_NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
NAME = "kiosk.example.lan"

# What Debian's nginx.conf does around a file in conf.d. One process of the one user that a user namespace has.
AROUND = """
daemon off;
master_process off;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/kiosk-server.conf;
}}
"""

pytestmark = [
    *NEEDS_NAMESPACES,
    pytest.mark.skipif(
        NGINX is None, reason="nginx is not installed (apt install nginx, or name it in KIOSK_TEST_NGINX)"
    ),
    pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed (apt install openssl)"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(
        [
            *(
                str(OPENSSL),
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "crt.pem")),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
        ],
        check=True,
        capture_output=True,
    )
    sample = SAMPLE.read_text()
    for found, put in ((f"/etc/ssl/kiosk/{NAME}.crt", "crt.pem"), (f"/etc/ssl/kiosk/{NAME}.key", "key.pem")):
        assert found in sample
        sample = sample.replace(found, str(folder / put))
    (folder / "kiosk-server.conf").write_text(sample)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    return folder


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with Stores(tmp_path_factory.mktemp("static")) as stores:
        yield stores


def behind_nginx(stores: Stores, folder: Path, **settings: object) -> Ask:
    ask = stores.open(trusted_proxies=["127.0.0.2"], hosts=[NAME], **settings)
    assert ask("nginx", NGINX, str(folder / "nginx.conf"), str(folder / "crt.pem")), (folder / "error.log").read_text()
    return ask


@pytest.fixture(scope="module")
def lan(stores: Stores, folder: Path) -> Ask:
    return behind_nginx(stores, folder)


def get_tls(ask: Ask, source: str, request: str, name: str = NAME) -> tuple[int, dict[str, str], str]:
    return parse(ask("http", source, "192.168.1.2", request, 443, name))


def test_the_clients_own_address_arrives_over_tls(lan):
    assert get_tls(lan, "10.0.0.7", head(host=NAME))[2] == f"10.0.0.7 https {NAME}"
    assert get_tls(lan, "192.168.1.9", head(host=NAME))[2] == f"192.168.1.9 https {NAME}"


@pytest.mark.parametrize("path", ["/", "/static/app/lane-ABCD2345.js", "/nothing-here", "/socket.io/"])
@pytest.mark.parametrize("spoofed", [None, "10.0.0.7", "127.0.0.1", "127.0.0.2", "10.0.0.7, 127.0.0.2", "garbage"])
def test_a_stranger_cannot_lend_himself_an_address(lan, path, spoofed):
    headers = (
        {} if spoofed is None else {"X_Forwarded_For": spoofed, "Forwarded": "for=10.0.0.7", "X_Real_IP": "10.0.0.7"}
    )
    assert get_tls(lan, "8.8.8.8", head(path, host=NAME, **headers))[0] == 403


def test_a_neighbour_cannot_become_another_or_change_host_and_scheme(lan):
    headers = {"X_Forwarded_For": "127.0.0.1", "X_Forwarded_Proto": "http", "X_Forwarded_Host": "evil.com"}
    assert get_tls(lan, "10.0.0.7", head(host=NAME, **headers))[2] == f"10.0.0.7 https {NAME}"


def test_another_name_gets_neither_page_nor_certificate(lan):
    assert get_tls(lan, "10.0.0.7", head(host="evil.com"), name="evil.com")[0] == 0
    assert get_tls(lan, "10.0.0.7", head(host="evil.com"))[0] in (0, 421)
    assert parse(lan("http", "10.0.0.7", "192.168.1.2", head(host="evil.com"), 80))[0] == 0


def test_http_is_sent_to_https(lan):
    status, headers, _ = parse(lan("http", "10.0.0.7", "192.168.1.2", head("/lane?x=1", host=NAME), 80))
    assert (status, headers["Location"]) == (308, f"https://{NAME}/lane?x=1")


def test_a_websocket_goes_through_and_knows_its_client(lan):
    assert lan("open", "a", "10.0.0.7", "192.168.1.2", [], f"https://{NAME}", NAME) == "0"
    assert lan("say", "a", "40").startswith("40{")
    assert lan("say", "a", '421["ask",{}]') == '431[{"peer":"10.0.0.7"}]'
    assert lan("open", "b", "8.8.8.8", "192.168.1.2", ["X-Forwarded-For: 10.0.0.7"], f"https://{NAME}", NAME) == 403
    assert lan("open", "c", "10.0.0.7", "192.168.1.2", [], "https://evil.com", NAME) == 403
    assert lan("open", "d", "10.0.0.7", "192.168.1.2", [], f"http://{NAME}", NAME) == 403
    lan("order", "quarantine", "10.0.0.7", "a test")
    assert lan("say", "a", '422["ask",{}]') in (None, "1")
    lan("order", "lift", "10.0.0.7")


def test_this_machine_still_reaches_the_server_itself(lan):
    assert get(lan, "127.0.0.1", head(host="localhost:8080"))[2] == "127.0.0.1 http localhost:8080"


def test_the_pages_address_for_sockets_is_the_proxys(lan):
    _, headers, _ = get_tls(lan, "10.0.0.7", head(host=NAME))
    assert f"connect-src 'self' wss://{NAME};" in headers["Content-Security-Policy"]


def test_public_mode_serves_the_world_through_nginx(stores, folder):
    ask = behind_nginx(stores, folder, mode="public")
    assert get_tls(ask, "8.8.8.8", head(host=NAME))[2] == f"8.8.8.8 https {NAME}"
    assert get(ask, "8.8.8.8", head(host=NAME))[0] == 0
    assert get(ask, "10.0.0.7", head(host=NAME))[0] == 0
