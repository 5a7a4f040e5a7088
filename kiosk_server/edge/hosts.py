"""Under which names this server answers: the check of the Host header that stops DNS rebinding.

A page of evil.com can point its own name at our address, and the browser then calls it the same origin. It cannot make
the browser send one of our names as Host. So: our addresses, our host name, its .local name and the configured
names, and nothing else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final

from kiosk_server.edge.network import Address, is_loopback, parse_address

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{0,5}))?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Host:
    """One Host header in normal form: `name` in small letters without the trailing dot, or an address.

    `port` is None where none (or the empty one of RFC 3986 3.2.3) was given.
    """

    name: str
    address: Address | None
    port: int | None

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"

    def origin(self, scheme: str) -> "Origin":
        """The origin of a page that was asked for with this host, RFC 6454 4."""
        return Origin(scheme, self.name, self.port or _DEFAULT_PORTS.get(scheme, 0))


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, comparable."""

    scheme: str
    name: str
    port: int


def parse_host(text: str | None) -> Host | None:
    """The one host that a Host header names, or None for every header that is not exactly one host.

    Several headers arrive joined by a comma, so they are refused here as well.
    """
    match = _HOST.fullmatch(text or "")
    if match is None or len(match["name"]) > 255:
        return None
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65_536:
        return None
    name = normal_name(match["name"])
    if name.startswith("["):
        address = parse_address(name[1:-1])
        return None if address is None else Host(f"[{IPv6Address(name[1:-1])}]", address, port)
    address = parse_address(name)
    if address is None and not is_host_name(name):
        return None
    return Host(name, address, port)


def parse_origin(text: str) -> Origin | None:
    """The origin that an Origin header names; None for `null`, for a list, and for all that is no http(s) origin."""
    scheme, separator, rest = text.partition("://")
    host = parse_host(rest)
    if not separator or scheme not in _DEFAULT_PORTS or host is None:
        return None
    return host.origin(scheme)


def normal_name(name: str) -> str:
    """Small letters, and without the one trailing dot that makes a name absolute."""
    return name.lower().removesuffix(".")


def is_host_name(name: str) -> bool:
    """Whether a normal name can be a host's. One that ends in a number is a misspelt address (WHATWG URL 3.5)."""
    return (
        0 < len(name) <= 253
        and _NAME.fullmatch(name) is not None
        and not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", name.rpartition(".")[2])
    )


@dataclass(frozen=True, slots=True)
class HostNames:
    """Everything this server is called."""

    names: frozenset[str]
    addresses: frozenset[Address]

    @classmethod
    def of(cls, host_name: str, addresses: Iterable[Address], configured: Iterable[str]) -> "HostNames":
        """From the machine's own name and addresses, and the names in the settings."""
        own = normal_name(host_name)
        short = own.partition(".")[0]
        further = [host for host in map(parse_host, configured) if host is not None]
        known = {"localhost", *(host.name for host in further)}
        if is_host_name(own):
            known |= {own, short, f"{short}.local"}
        return cls(frozenset(known), frozenset(addresses) | {host.address for host in further if host.address})

    def has(self, host: Host) -> bool:
        """Whether the host is one of ours."""
        if host.address is not None:
            return is_loopback(host.address) or host.address in self.addresses
        return host.name in self.names
