"""`kiosk-server tls`: a certificate authority of the store's own, and a certificate for the nginx sample.

By the openssl program rather than a library: it is on every box that runs nginx, is needed once a year, and a second
implementation of X.509 inside the server would be one more thing to keep current.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kiosk_server.addresses import private_addresses
from kiosk_server.cli.exits import BAD_DATA, CANNOT_CREATE, UNAVAILABLE, Stop
from kiosk_server.cli.options import takes_config
from kiosk_server.config import Config
from kiosk_server.edge.hosts import parse_host
from kiosk_server.edge.network import LINK_LOCAL, LOOPBACK, RFC1918, ULA, find_network, network_of, parse_address

CA_DAYS = 3650
# Browsers refuse longer ones even from an authority of one's own (Apple: 825 days); renewing is this command again.
SERVER_DAYS = 397

_CA = """\
[req]
distinguished_name = name
x509_extensions = authority
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, {permitted}
"""

_SERVER = """\
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""

# Whoever steals the authority's key must not be able to speak for anybody's bank: it counts for private addresses,
# for names that do not exist on the internet, and for the names given when it was made.
_PRIVATE_NAMES = ("local", "lan", "internal", "home.arpa", "localhost")
_PRIVATE_NETWORKS = (
    *("10.0.0.0/255.0.0.0", "172.16.0.0/255.240.0.0", "192.168.0.0/255.255.0.0", "127.0.0.0/255.0.0.0"),
    *("fc00::/fe00::", "fe80::/ffc0::", "::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
)


@click.group()
def tls() -> None:
    """Make certificates for TLS in front of the server."""


@tls.command()
@click.option("--name", "names", multiple=True, metavar="NAME", help="A name or address of this server; several.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the files go; tls/ in the data directory.")
@takes_config()
def init(config: Config, names: tuple[str, ...], out: Path | None) -> None:
    """Make an authority once and a certificate for 397 days; again, it only renews the certificate.

    For public_names, this machine's name and its private addresses, and each --name.
    """
    folder = out or config.data_path / "tls"
    found = _names((*names, *config.public_names, *_own_names()))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = _make_authority(folder, config.store.name, found)
        _make_certificate(folder, found)
    except OSError as error:
        raise Stop(f"{folder} cannot be written: {error}. Nothing was changed.", CANNOT_CREATE) from error
    click.echo(_instructions(folder, found, is_new=is_new))


def _own_names() -> Iterable[str]:
    name = socket.gethostname().lower()
    yield from dict.fromkeys((name, f"{name.partition('.')[0]}.local", "localhost", "127.0.0.1", *private_addresses()))


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, as subjectAltName writes them. Raises Stop."""
    found: dict[str, None] = {}
    for text in texts:
        host = parse_host(f"[{text}]" if ":" in text else text)
        if host is None or host.port is not None:
            raise Stop(f"{text!r} is no name or address of a server. Nothing was made.", BAD_DATA)
        found[f"IP:{host.address}" if host.address else f"DNS:{host.name}"] = None
    return tuple(found)


def _make_authority(folder: Path, store_name: str, names: tuple[str, ...]) -> bool:
    """False where there is one already; that one is kept, or every terminal would have to trust anew."""
    if (folder / "ca.key").exists() and (folder / "ca.crt").exists():
        return False
    own = [name.removeprefix("DNS:") for name in names if name.startswith("DNS:")]
    dns = [f"permitted;DNS:{name}" for name in dict.fromkeys((*_PRIVATE_NAMES, *own))]
    networks = [f"permitted;IP:{network}" for network in (*_PRIVATE_NETWORKS, *_lone(names))]
    common_name = "".join(c for c in store_name if c.isalnum() or c in " .-")[:40].strip() or "Kiosk Server"
    with _scratch(folder) as work:
        config = work / "ca.cnf"
        config.write_text(_CA.format(name=f"{common_name} local authority", permitted=", ".join((*dns, *networks))))
        _key(work / "ca.key")
        _openssl(
            *("req", "-x509", "-new", "-utf8", "-sha256", "-days", str(CA_DAYS), "-config", str(config)),
            *("-key", str(work / "ca.key"), "-out", str(work / "ca.crt")),
        )
        _put(work / "ca.key", folder, 0o600)
        _put(work / "ca.crt", folder, 0o644)
    return True


def _make_certificate(folder: Path, names: tuple[str, ...]) -> None:
    with _scratch(folder) as work:
        extensions = work / "server.cnf"
        extensions.write_text(_SERVER.format(names=", ".join(names)))
        _key(work / "server.key")
        subject = "/CN=" + names[0].partition(":")[2].replace("/", "")
        _openssl("req", "-new", "-key", str(work / "server.key"), "-subj", subject, "-out", str(work / "server.csr"))
        _openssl(
            *("x509", "-req", "-sha256", "-days", str(SERVER_DAYS), "-in", str(work / "server.csr")),
            *("-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key"), "-extfile", str(extensions)),
            *("-set_serial", "0x" + os.urandom(16).hex(), "-out", str(work / "server.crt")),
        )
        # A name that the authority may not speak for shows here, before nginx serves what no browser takes.
        _openssl("verify", "-CAfile", str(folder / "ca.crt"), str(work / "server.crt"))
        _put(work / "server.key", folder, 0o600)
        _put(work / "server.crt", folder, 0o644)


def _lone(names: tuple[str, ...]) -> Iterable[str]:
    """Addresses that no private network contains, as networks of one."""
    for name in names:
        address = parse_address(name.removeprefix("IP:"))
        if address is not None and not find_network(address, (*LOOPBACK, *RFC1918, *ULA, *LINK_LOCAL)):
            yield f"{address}/{network_of(address, address.max_prefixlen).netmask}"


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder beside the result that only we can read, so that no half-made key is ever under its name."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as made:
        yield Path(made)


def _key(path: Path) -> None:
    path.touch(mode=0o600)
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path))


def _put(made: Path, folder: Path, mode: int) -> None:
    made.chmod(mode)
    made.replace(folder / made.name)


def _openssl(*arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise Stop("The program openssl is not here. Nothing was made. Install it: apt install openssl", UNAVAILABLE)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Stop(
            f"openssl {arguments[0]} failed: {words[-1] if words else done.returncode}. What was there before is kept. "
            "If a name is new, move ca.key and ca.crt away and make a new authority.",
            UNAVAILABLE,
        )


def _instructions(folder: Path, names: tuple[str, ...], *, is_new: bool) -> str:
    shown = ", ".join(name.partition(":")[2] for name in names)
    trust = f"""
Let each terminal trust the authority, once:
  Debian, Chromium kiosk   cp {folder}/ca.crt /usr/local/share/ca-certificates/kiosk-store.crt && update-ca-certificates
                           and for Chromium's own store, as the kiosk's user:
                           certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n kiosk-store -i {folder}/ca.crt
  Android, iOS, Windows    send ca.crt there and install it as a certificate authority
Keep ca.key to yourself: with it somebody could pose as this store (and, by its constraints, as nothing else).
"""
    return f"""\
{"A new authority and a" if is_new else "The authority was kept; a new"} certificate for {SERVER_DAYS} days: {shown}

nginx (config/nginx/kiosk-server.conf):
  ssl_certificate     {folder}/server.crt;
  ssl_certificate_key {folder}/server.key;
then `nginx -t && nginx -s reload`. To renew, run this command again.
{trust if is_new else ""}"""
