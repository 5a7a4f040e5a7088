"""Addresses and networks, decided purely: what a text is, and which table it stands in.

Nothing here asks the machine, the clock or `ipaddress.is_private`: that property also holds for 192.0.2.1, 198.18.0.1,
240.0.0.1 and 0.0.0.0, and has changed within minor releases of Python. Every network we trust stands in TABLES.
"""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from types import MappingProxyType
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK: Final = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
RFC1918: Final = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
ULA: Final = (IPv6Network("fc00::/7"),)  # RFC 4193
LINK_LOCAL: Final = (IPv6Network("fe80::/10"),)  # RFC 4291 2.5.6; IPv4's 169.254.0.0/16 is never trusted by name

TABLES: Final = MappingProxyType[str, tuple[Network, ...]](
    {"loopback": LOOPBACK, "rfc1918": RFC1918, "ula": ULA, "link-local": LINK_LOCAL}
)
"""The networks that have a name in settings, beside `own-subnets`."""

_OCTET: Final = r"(?:0|[1-9][0-9]{0,2})"
_IPV4: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_SCOPE: Final = re.compile(r"[0-9A-Za-z._:@-]{1,15}")  # an interface name (IFNAMSIZ) or its number
_PREFIX: Final = re.compile(r"0|[1-9][0-9]{0,2}")


def parse_address(text: object) -> Address | None:
    """The address that `text` spells, or None for everything that is not exactly one.

    IPv4 is four decimal octets without leading zeros; IPv6 is RFC 4291 text without brackets, with a scope only
    behind a link-local address (stripped: it names an interface of ours, not the peer's identity). An IPv4-mapped
    address (what a dual-stack socket shows, RFC 4291 2.5.5.2) is the IPv4 address it maps; other embeddings
    (compatible, NAT64, 6to4) stay what they are.
    """
    if not isinstance(text, str) or len(text) > 64 or not text.isascii():
        return None
    try:
        if _IPV4.fullmatch(text):
            return IPv4Address(text)
        return _parse_ipv6(text)
    except AddressValueError:
        return None


def _parse_ipv6(text: str) -> Address | None:
    digits, percent, scope = text.partition("%")
    if not _IPV6.fullmatch(digits) or ":" not in digits:
        return None
    address = IPv6Address(digits)
    if percent and not (_SCOPE.fullmatch(scope) and address in LINK_LOCAL[0]):
        return None
    return address.ipv4_mapped or address


def parse_network(text: str) -> Network:
    """The network that `text` spells: an address, or address/prefix with no bit set behind the prefix.

    Raises ValueError with a sentence for the person who wrote it.
    """
    base, slash, prefix = text.partition("/")
    address = parse_address(base)
    if address is None or "%" in base or (slash and not _PREFIX.fullmatch(prefix)):
        raise ValueError(f"{text!r} is no network. Write one as 192.168.10.0/24, fd00:1::/64, or a single address.")
    if ":" in base and isinstance(address, IPv4Address):
        raise ValueError(f"{text!r} is an IPv4 network in IPv6 spelling. Write it as {address}/...")
    length = int(prefix) if slash else address.max_prefixlen
    if length > address.max_prefixlen:
        raise ValueError(f"{text!r}: the prefix is at most /{address.max_prefixlen}.")
    network = network_of(address, length)
    if network.network_address != address:
        raise ValueError(f"{text!r} has bits set behind its prefix. The network that contains it is {network}.")
    return network


def network_of(address: Address, prefix_length: int) -> Network:
    """The network of that prefix length around an address."""
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), prefix_length), strict=False)
    return IPv6Network((int(address), prefix_length), strict=False)


def find_network(address: Address, networks: Iterable[Network]) -> Network | None:
    """The first network that contains the address; the other family never does."""
    return next((network for network in networks if address in network), None)


def is_within(network: Network, others: Iterable[Network]) -> bool:
    """Whether one of `others` contains all of `network`."""
    return any(
        network.version == other.version and network.prefixlen >= other.prefixlen and network.network_address in other
        for other in others
    )


def overlaps(network: Network, others: Iterable[Network]) -> bool:
    """Whether network and one of `others` have an address in common."""
    return any(is_within(network, (other,)) or is_within(other, (network,)) for other in others)


def is_loopback(address: Address) -> bool:
    """Whether the address is this machine's own inside."""
    return find_network(address, LOOPBACK) is not None


def sender_of(text: str | None) -> str:
    """Whom a limit counts: the address, or the /64 of a public IPv6 address, in which one customer has them all.

    Private IPv6 stays single: there a whole store shares one /64, and one sender must not use up everybody's share.
    """
    address = parse_address(text)
    if isinstance(address, IPv6Address) and not find_network(address, (*LOOPBACK, *ULA, *LINK_LOCAL)):
        return str(network_of(address, 64))
    return str(address or "")
