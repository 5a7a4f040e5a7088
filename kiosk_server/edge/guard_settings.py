"""What the guard is told: the `[network]` settings, parsed once, every mistake named before a socket is opened."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NoReturn

from kiosk_server.domain.sentence import Sentence
from kiosk_server.domain.staff import Role
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge.hosts import parse_host
from kiosk_server.edge.network import LOOPBACK, TABLES, Network, is_within, overlaps, parse_network

ZONES: Final = frozenset(map(str, Kind)) | frozenset(map(str, Role)) - {Role.DRIVER, Role.DOOR, Role.LOCAL}
"""What a zone can be named after: a screen, or a role of a person or terminal."""

OWN_SUBNETS: Final = "own-subnets"

# Narrowest prefix that may be trusted at once. Anything wider than the widest private network is "everybody",
# and everybody is what mode public is for: there TLS and pairing are required.
_WIDEST: Final = {4: 8, 6: 7}
_PRIVATE: Final = tuple(network for table in TABLES.values() for network in table)


class Mode(StrEnum):
    """Whom the server is for: this machine, its local network, or anybody behind a trusted proxy."""

    PRIVATE = "private"
    LAN = "lan"
    PUBLIC = "public"


class GuardError(ValueError):
    """A setting that the guard cannot keep. The message names the setting and the way out."""


@dataclass(frozen=True, slots=True)
class Named:
    """A network and why it is in force, in words for the console."""

    network: Network
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """Who may connect. Build it from texts with `GuardSettings.parse`.

    `zones` maps the name of a screen or role to the networks from which alone it is reached; a name that is absent is
    open to everybody let in. `hosts` are further names of this server, beside its own addresses and host name.
    """

    mode: Mode = Mode.LAN
    allow: tuple[Named, ...] = tuple(Named(network, Sentence("rfc1918", "rfc1918")) for network in TABLES["rfc1918"])
    has_own_subnets: bool = False
    deny: tuple[Network, ...] = ()
    zones: Mapping[str, tuple[Network, ...]] = field(default_factory=dict)
    ipv6_ula: bool = False
    ipv6_link_local: bool = False
    trusted_proxies: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        *,
        mode: str = Mode.LAN,
        allow: Iterable[str] = ("rfc1918",),
        deny: Iterable[str] = (),
        zones: Mapping[str, Iterable[str]] | None = None,
        ipv6_ula: bool = False,
        ipv6_link_local: bool = False,
        trusted_proxies: Iterable[str] = (),
        hosts: Iterable[str] = (),
    ) -> "GuardSettings":
        """The settings that these texts spell. Raises GuardError."""
        words = _texts("network.allow", allow)
        settings = cls(
            mode=_mode(mode),
            allow=tuple(named for word in words if word != OWN_SUBNETS for named in _allowed(word)),
            has_own_subnets=OWN_SUBNETS in words,
            deny=_networks("network.deny", deny),
            zones=MappingProxyType(
                {_zone(name): _networks(f"network.zones.{name}", texts) for name, texts in (zones or {}).items()}
            ),
            ipv6_ula=ipv6_ula,
            ipv6_link_local=ipv6_link_local,
            trusted_proxies=_networks("network.trusted_proxies", trusted_proxies),
            hosts=tuple(_host(text) for text in _texts("public_names", hosts)),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise GuardError for what contradicts itself or would let everybody in."""
        for network in self.deny:
            if overlaps(network, LOOPBACK):
                _refuse(
                    "network.deny",
                    f"{network} contains this machine itself, which is always let in so that it can be administered."
                    " Deny narrower networks",
                )
        for network in self.trusted_proxies:
            if network.prefixlen < _WIDEST[network.version]:
                _refuse("network.trusted_proxies", f"{network} would let everybody forge an address. Name the proxy")
        if self.mode is Mode.PUBLIC and not self.trusted_proxies:
            _refuse(
                "network.trusted_proxies",
                "mode public lets people in only through a proxy that speaks TLS, and none is named."
                " Name its address, or use mode lan",
            )

    def warnings(self) -> tuple[str, ...]:
        """What can be kept but was perhaps not meant, each with a way out."""
        found = [
            f"network.trusted_proxies: {network} is also where this machine's own commands come from, and they will be"
            " refused as a proxy's. Have the proxy connect from 127.0.0.2, as the nginx sample does, and name that."
            for network in self.trusted_proxies
            if any(overlaps(network, (parse_network(own),)) for own in ("127.0.0.1", "::1"))
        ]
        found += [
            f"network.allow: {named.network} is no private network, so people on the internet may hold its addresses."
            for named in self.allow
            if not is_within(named.network, _PRIVATE)
        ]
        return tuple(found)


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        _refuse("mode", f"{text!r} is none of {', '.join(Mode)}")


def _texts(setting: str, texts: Iterable[str]) -> tuple[str, ...]:
    if isinstance(texts, str):  # would be taken letter by letter
        _refuse(setting, f'{texts!r} must be a list: ["{texts}"]')
    return tuple(texts)


def _allowed(word: str) -> tuple[Named, ...]:
    if word in TABLES:
        return tuple(Named(network, Sentence(word, word)) for network in TABLES[word])
    (network,) = _networks("network.allow", (word,))
    if network.prefixlen < _WIDEST[network.version]:
        _refuse("network.allow", f"{network} is nearly everybody. Name your networks, or use mode public")
    if is_within(network, _PRIVATE):
        return (Named(network, Sentence("named", "named in network.allow")),)
    return (Named(network, Sentence("named_public", "named in network.allow, though it is no private network")),)


def _networks(setting: str, texts: Iterable[str]) -> tuple[Network, ...]:
    try:
        return tuple(
            network
            for text in _texts(setting, texts)
            for network in (TABLES[text] if text in TABLES else (parse_network(text),))
        )
    except ValueError as error:
        if isinstance(error, GuardError):
            raise
        words = ", ".join((*TABLES, OWN_SUBNETS) if setting == "network.allow" else TABLES)
        raise GuardError(f"{setting}: {error} (Or use one of these words: {words}.)") from None


def _zone(name: str) -> str:
    if name not in ZONES:  # a misspelt zone would protect nothing, in silence
        close = difflib.get_close_matches(name, ZONES, n=1)
        hint = f"Did you mean {close[0]}" if close else f"The screens and roles are {', '.join(sorted(ZONES))}"
        _refuse("network.zones", f"{name!r} is no screen or role. {hint}")
    return name


def _host(text: str) -> str:
    host = parse_host(text)
    if host is None or ":" in text.rpartition("]")[2]:
        _refuse("public_names", f"{text!r} is no host name. Write it without scheme and port, as kiosk.example.com")
    return host.name


def _refuse(setting: str, text: str) -> NoReturn:
    raise GuardError(f"{setting}: {text}.")
