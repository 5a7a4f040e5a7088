"""One generation of the guard's rules: settings, machine and standing orders boiled down to lists of networks.

A generation never changes. When settings, interfaces or orders do, the guard builds the next one and puts it in place
with one assignment, so no thread ever sees half a change, and every cached verdict dies with its generation.

Order of judgement, first match: no address; loopback; deny; quarantine; the mode; allow; standing allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from math import inf
from typing import Final, TypeVar

from kiosk_server.domain.sentence import Sentence
from kiosk_server.edge.guard_interfaces import Machine
from kiosk_server.edge.guard_settings import GuardSettings, Mode
from kiosk_server.edge.hosts import HostNames
from kiosk_server.edge.network import (
    LINK_LOCAL,
    LOOPBACK,
    RFC1918,
    ULA,
    Address,
    Network,
    find_network,
    is_within,
    parse_address,
)

_V = TypeVar("_V", bound="Allow | Drop")

_CACHED: Final = 4096
_EVERYBODY: Final = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
# What no host on the internet has as its address: "this network", multicast, reserved, unspecified.
_NOBODY: Final = (IPv4Network("0.0.0.0/8"), IPv4Network("224.0.0.0/3"), IPv6Network("::/128"), IPv6Network("ff00::/8"))


class Reason(StrEnum):
    """Why a peer is dropped."""

    NO_ADDRESS = "no_address"
    UNPARSABLE = "unparsable"
    DENIED = "denied"
    QUARANTINED = "quarantined"
    NOT_ALLOWED = "not_allowed"
    PRIVATE_MODE = "private_mode"
    PROXY_ONLY = "proxy_only"
    PROXY_ITSELF = "proxy_itself"
    FOREIGN_LOOPBACK = "foreign_loopback"
    NO_TLS = "no_tls"
    BAD_FORWARDING = "bad_forwarding"
    WRONG_HOST = "wrong_host"
    WRONG_ZONE = "wrong_zone"
    WRONG_ORIGIN = "wrong_origin"


WHYS: Final = {
    code: Sentence(code, english)
    for code, english in {
        "proxy": "named in network.trusted_proxies",
        "own_machine": "this machine is always let in",
        "denied": "named in network.deny",
        "ipv6_ula": "ipv6_ula",
        "ipv6_link_local": "ipv6_link_local",
    }.items()
}
"""Why a network counts, but for those that say more."""

SENTENCES: Final = {
    Reason.NO_ADDRESS: "the connection shows no address",
    Reason.UNPARSABLE: "what it shows as its address is none",
    Reason.DENIED: "a network in network.deny contains it",
    Reason.QUARANTINED: "it was put into quarantine on the console",
    Reason.NOT_ALLOWED: "no network that is let in contains it",
    Reason.PRIVATE_MODE: "mode private lets in this machine alone",
    Reason.PROXY_ONLY: "mode public lets people in only through a trusted proxy",
    Reason.PROXY_ITSELF: "a trusted proxy spoke for itself; its own address earns its clients no trust",
    Reason.FOREIGN_LOOPBACK: "a proxy on another machine forwarded a loopback address, which is its own and not ours",
    Reason.NO_TLS: "mode public requires TLS, and the proxy says that its client came without",
    Reason.BAD_FORWARDING: "the forwarded headers of a trusted proxy are missing, doubled or malformed",
    Reason.WRONG_HOST: "it asked for a host name that is not ours",
    Reason.WRONG_ZONE: "its network may not open this screen",
    Reason.WRONG_ORIGIN: "the request came from a page of another site",
}


@dataclass(frozen=True, slots=True)
class Allow:
    """Let in, by which network and why that network is in force. `closed_zones` are screens it may not open."""

    network: Network
    why: str
    closed_zones: frozenset[str] = frozenset()
    is_proxy: bool = False

    def permits(self, zone: str | None) -> bool:
        """Whether the zone (a screen's or a role's name, or None for no zone) is open to this peer."""
        return zone not in self.closed_zones


@dataclass(frozen=True, slots=True)
class Drop:
    """Turned away."""

    reason: Reason


Verdict = Allow | Drop


class Treatment(StrEnum):
    """What happens to the peers of an effective network."""

    ALLOW = "allow"
    DENY = "deny"
    QUARANTINE = "quarantine"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Effective:
    """One network that counts now, what it does, and why it is there. `until_s` is monotonic; inf for no end."""

    network: Network
    treatment: Treatment
    why: str
    until_s: float = inf


@dataclass(frozen=True, slots=True)
class Orders:
    """What people ordered on the console: allows that expire, and quarantines."""

    standing: tuple[Effective, ...] = ()

    def at(self, now_s: float) -> "Orders":
        """Those not yet expired."""
        return Orders(tuple(order for order in self.standing if order.until_s > now_s))

    @property
    def until_s(self) -> float:
        """When the first of them ends."""
        return min((order.until_s for order in self.standing), default=inf)


@dataclass(frozen=True, slots=True)
class Generation:
    """The rules in force. `peer` judges who holds the TCP connection, `client` whom a trusted proxy speaks for."""

    number: int
    settings: GuardSettings
    machine: Machine
    orders: Orders
    hosts: HostNames = field(init=False)
    effective: tuple[Effective, ...] = field(init=False)
    _allowed: dict[str | None, Allow] = field(init=False, default_factory=dict)
    _dropped: dict[str | None, Drop] = field(init=False, default_factory=dict)
    _clients: dict[str | None, Verdict] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        hosts = HostNames.of(self.machine.host_name, self.machine.addresses, self.settings.hosts)
        object.__setattr__(self, "hosts", hosts)
        object.__setattr__(self, "effective", tuple(_effective(self.settings, self.machine, self.orders)))

    def peer(self, text: str | None) -> Verdict:
        """May this TCP peer speak? Remembered; refused peers cannot push those who belong out of the memory."""
        verdict = self._allowed.get(text) or self._dropped.get(text)
        if verdict is None:
            verdict = self._judge(text, is_forwarded=False)
            if isinstance(verdict, Allow):
                _remember(self._allowed, text, verdict)
            else:
                _remember(self._dropped, text, verdict)
        return verdict

    def client(self, text: str) -> Verdict:
        """May this client, named by a trusted proxy, speak?"""
        verdict = self._clients.get(text)
        if verdict is None:
            verdict = self._judge(text, is_forwarded=True)
            _remember(self._clients, text, verdict)
        return verdict

    def is_trusted_proxy(self, address: Address) -> bool:
        """Whether forwarded headers of this address count."""
        return find_network(address, self.settings.trusted_proxies) is not None

    def _judge(self, text: str | None, *, is_forwarded: bool) -> Verdict:
        address = parse_address(text)
        if address is None:
            return Drop(Reason.UNPARSABLE if text else Reason.NO_ADDRESS)
        rule = next((rule for rule in self.effective if address in rule.network), None)
        if rule is None:
            return self._judge_stranger(address, is_forwarded=is_forwarded)
        if rule.treatment in _REFUSALS:
            return Drop(_REFUSALS[rule.treatment])
        if rule.treatment is Treatment.PROXY:  # its zones are those of whom it speaks for
            return Drop(Reason.PROXY_ITSELF) if is_forwarded else Allow(rule.network, rule.why, is_proxy=True)
        return Allow(rule.network, rule.why, self._closed_zones(address))

    def _judge_stranger(self, address: Address, *, is_forwarded: bool) -> Verdict:
        if self.settings.mode is Mode.PUBLIC and is_forwarded and not find_network(address, _NOBODY):
            everybody = _EVERYBODY[address.version == 6]
            return Allow(everybody, "mode public, through a trusted proxy", self._closed_zones(address))
        return Drop(_LAST.get(self.settings.mode, Reason.NOT_ALLOWED))

    def _closed_zones(self, address: Address) -> frozenset[str]:
        if find_network(address, LOOPBACK):
            return frozenset()
        return frozenset(name for name, nets in self.settings.zones.items() if not find_network(address, nets))


_REFUSALS: Final = {Treatment.DENY: Reason.DENIED, Treatment.QUARANTINE: Reason.QUARANTINED}
_LAST: Final = {Mode.PRIVATE: Reason.PRIVATE_MODE, Mode.PUBLIC: Reason.PROXY_ONLY}


def _remember(cache: dict[str | None, _V], text: str | None, verdict: _V) -> None:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[text] = verdict


def _effective(settings: GuardSettings, machine: Machine, orders: Orders) -> Iterator[Effective]:
    """All networks that count, in the order of judgement."""
    for network in settings.trusted_proxies:
        if is_within(network, LOOPBACK):  # named more narrowly than loopback, and so asked first
            yield Effective(network, Treatment.PROXY, WHYS["proxy"])
    for network in LOOPBACK:
        yield Effective(network, Treatment.ALLOW, WHYS["own_machine"])
    for network in settings.deny:
        yield Effective(network, Treatment.DENY, WHYS["denied"])
    yield from (order for order in orders.standing if order.treatment is Treatment.QUARANTINE)
    for network in settings.trusted_proxies:
        if not is_within(network, LOOPBACK):
            yield Effective(network, Treatment.PROXY, WHYS["proxy"])
    if settings.mode is Mode.LAN:
        yield from _lan(settings, machine)
        yield from (order for order in orders.standing if order.treatment is Treatment.ALLOW)


def _lan(settings: GuardSettings, machine: Machine) -> Iterator[Effective]:
    for named in settings.allow:
        yield Effective(named.network, Treatment.ALLOW, named.why)
    opted = (*(ULA if settings.ipv6_ula else ()), *(LINK_LOCAL if settings.ipv6_link_local else ()))
    if not settings.has_own_subnets:
        for network in opted:
            yield Effective(network, Treatment.ALLOW, WHYS["ipv6_ula" if network in ULA else "ipv6_link_local"])
        return
    for interface in machine.interfaces:
        if is_within(interface.network, (*RFC1918, *opted)):
            why = Sentence(
                "own_subnet",
                "own subnet: interface {name} has {address}",
                name=interface.name,
                address=interface.address,
            )
            yield Effective(interface.network, Treatment.ALLOW, why)
