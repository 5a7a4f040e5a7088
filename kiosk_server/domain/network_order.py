"""Standing orders about networks, given on the console: let one in for a while, turn one away. Pure values.

Which networks count at all, and why, is the guard's (`edge/guard.py`); these are kept so that it has them after a
restart.
"""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec

from kiosk_server.domain.errors import OutOfRange

MAX_ALLOW_S = 24 * 3600
MAX_ORDERS = 256

_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_MAPPED = (IPv6Network("::ffff:0:0/96"),)  # IPv4 in IPv6 spelling, RFC 4291 2.5.5.2
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = (
    *(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),  # RFC 1918
    *(IPv6Network(text) for text in ("fc00::/7", "fe80::/10")),  # RFC 4193, RFC 4291 2.5.6
)


class Treatment(StrEnum):
    ALLOW = "allow"
    QUARANTINE = "quarantine"


class NetworkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `lasts_s` is None for one that stays until it is lifted; `ordered_at` is ms since 1970, UTC."""

    network: str
    treatment: Treatment
    why: str
    by: str
    ordered_at: int
    lasts_s: int | None = None


def parse(text: str) -> IPv4Network | IPv6Network:
    """The network that was written. Raises OutOfRange with what to write instead."""
    try:
        return ip_network(text)
    except ValueError:
        raise OutOfRange(
            f"{text} is no network. Nothing was changed. Write one as 192.168.10.0/24, or a single address."
        ) from None


def to_allow(text: str) -> str:
    """The network in its usual spelling, if one tap may let it in: never one that people on the internet may hold."""
    network = parse(text)
    if not _is_within(network, _PRIVATE):
        raise OutOfRange(
            f"{network} is no private network. Nothing was changed. It can only be let in by the settings "
            "(network.allow)."
        )
    return str(network)


def to_quarantine(text: str) -> str:
    """The network in its usual spelling, if it may be turned away: never this machine, which administers the rest.

    No IPv4 network in IPv6 spelling: its addresses come as IPv4, and an order about it would hold nobody.
    """
    network = parse(text)
    if _is_within(network, _MAPPED):
        raise OutOfRange(f"{text} is an IPv4 network in IPv6 spelling. Nothing was changed. Write it as 10.1.2.3.")
    if any(network.version == own.version and network.overlaps(own) for own in _LOOPBACK):
        raise OutOfRange(f"{network} contains this machine itself, which is always let in. Nothing was changed.")
    return str(network)


def _is_within(network: IPv4Network | IPv6Network, others: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(
        network.version == other.version and network.prefixlen >= other.prefixlen and network.network_address in other
        for other in others
    )
