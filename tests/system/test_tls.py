"""`tls init`: a browser that trusts the store's authority trusts its server, and nobody else's."""

import shutil
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_process import Store

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@contextmanager
def served(certificate: Path, key: Path) -> Iterator[int]:
    """A TLS server on loopback with this certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True) as secure:
                    secure.sendall(b"hello")
            except OSError:
                line.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def hears(port: int, authority: Path, name: str) -> bytes:
    """What a client hears that trusts this authority alone and checks the name."""
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        context.wrap_socket(line, server_hostname=name) as secure,
    ):
        return secure.recv(5)


def test_client_that_trusts_the_authority_trusts_the_server_and_no_other(store: Store, tmp_path: Path) -> None:
    told = store.runs("tls", "init", "--name", "kiosk.example.com", "--name", "192.168.7.1")
    assert "ssl_certificate_key" in told
    made, other = store.folder / "tls", tmp_path / "other"
    store.runs("tls", "init", "--out", str(other))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()}
    assert modes == {"ca.key": 0o600, "server.key": 0o600, "ca.crt": 0o644, "server.crt": 0o644}
    with served(made / "server.crt", made / "server.key") as port:
        for name in ("kiosk.example.com", "192.168.7.1", "localhost", "127.0.0.1"):
            assert hears(port, made / "ca.crt", name) == b"hello", name
        for authority, name in ((made, "evil.example.com"), (other, "localhost")):
            with pytest.raises(ssl.SSLCertVerificationError):
                hears(port, authority / "ca.crt", name)


def test_renewing_keeps_the_authority_that_terminals_trust(store: Store) -> None:
    store.runs("tls", "init")
    folder = store.folder / "tls"
    authority, certificate = (folder / "ca.crt").read_bytes(), (folder / "server.crt").read_bytes()
    assert "was kept" in store.runs("tls", "init")
    assert (folder / "ca.crt").read_bytes() == authority
    assert (folder / "server.crt").read_bytes() != certificate
    with served(folder / "server.crt", folder / "server.key") as port:
        assert hears(port, folder / "ca.crt", "localhost") == b"hello"


def test_authority_cannot_speak_for_a_name_it_was_not_made_for(store: Store) -> None:
    store.runs("tls", "init")
    folder = store.folder / "tls"
    before = (folder / "server.crt").read_bytes()
    refused = store.runs("tls", "init", "--name", "bank.example.com", code=69)
    assert "make a new authority" in refused
    assert (folder / "server.crt").read_bytes() == before
    assert not list(folder.glob(".making-*"))


@pytest.mark.parametrize("name", ["", "a b", "http://x", "x:443", "*", "x\n", "x,IP:8.8.8.8", "-x"])
def test_odd_name_is_refused(store: Store, name: str) -> None:
    assert "Nothing was made" in store.runs("tls", "init", f"--name={name}", code=65)


def test_missing_openssl_is_said(store: Store, tmp_path: Path) -> None:
    assert "apt install openssl" in store.runs("tls", "init", code=69, PATH=str(tmp_path))


def test_openssl_itself_agrees(store: Store) -> None:
    store.runs("tls", "init")
    folder = store.folder / "tls"
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt", "server.crt"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
