"""For whom does a proxy speak? Forwarded headers, believed only from trusted proxies and only as far as those reach.

`X-Forwarded-For` is walked from the right, the end that the nearest proxy wrote, to the first address that is no
trusted proxy: that is the client. Everything left of it was written by strangers and means nothing. The proxy's own
address never earns its clients any trust; a header that cannot be read is refused rather than guessed at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from kiosk_server.edge.guard_rules import Allow, Drop, Generation, Reason
from kiosk_server.edge.guard_settings import Mode
from kiosk_server.edge.network import Address, is_loopback, parse_address

_MOST_HOPS: Final = 16
_LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Admission:
    """A request let in. `client` is the person's or terminal's address, `peer` who holds the TCP connection.

    Both are canonical texts: unmapped, without scope. `scheme` is what the client spoke, "http" or "https".
    """

    peer: str
    client: str
    is_forwarded: bool
    scheme: str
    verdict: Allow


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request turned away: the HTTP status, why, and whom to count it for."""

    status: HTTPStatus
    reason: Reason
    address: str | None


def resolve(generation: Generation, environ: Mapping[str, Any]) -> Admission | Refusal:
    """Who is it, and may they speak? Takes a WSGI environ; `REMOTE_ADDR` must be the TCP peer."""
    return judge(
        generation,
        environ.get("REMOTE_ADDR"),
        environ.get("HTTP_X_FORWARDED_FOR"),
        environ.get("HTTP_X_FORWARDED_PROTO"),
        environ.get("wsgi.url_scheme", "http"),
    )


def judge(
    generation: Generation, peer: str | None, forwarded_for: str | None, forwarded_proto: str | None, scheme: str
) -> Admission | Refusal:
    """The same from the texts alone, as `network explain` asks."""
    verdict = generation.peer(peer)
    if isinstance(verdict, Drop):
        return Refusal(HTTPStatus.FORBIDDEN, verdict.reason, peer)
    address = parse_address(peer)
    if address is None or not verdict.is_proxy:
        return Admission(str(address), str(address), is_forwarded=False, scheme=scheme, verdict=verdict)
    chain = parse_chain(forwarded_for)
    if chain is None or forwarded_proto not in (None, "http", "https"):
        return Refusal(HTTPStatus.BAD_REQUEST, Reason.BAD_FORWARDING, peer)
    client = first_untrusted(chain, generation)
    if client is None:
        return Refusal(HTTPStatus.FORBIDDEN, Reason.PROXY_ITSELF, peer)
    return _judge_client(generation, address, client, forwarded_proto or scheme)


def _judge_client(generation: Generation, proxy: Address, client: Address, scheme: str) -> Admission | Refusal:
    shown = str(client)
    if is_loopback(client) and not generation.machine.has_address(proxy):
        return Refusal(HTTPStatus.FORBIDDEN, Reason.FOREIGN_LOOPBACK, shown)
    verdict = generation.client(shown)
    if isinstance(verdict, Drop):
        return Refusal(HTTPStatus.FORBIDDEN, verdict.reason, shown)
    if generation.settings.mode is Mode.PUBLIC and scheme != "https":
        return Refusal(HTTPStatus.FORBIDDEN, Reason.NO_TLS, shown)
    return Admission(str(proxy), shown, is_forwarded=True, scheme=scheme, verdict=verdict)


def parse_chain(header: str | None) -> tuple[Address, ...] | None:
    """The addresses of an X-Forwarded-For header, the farthest first; None if it is anything but a list of addresses.

    Ports, brackets, names, `unknown` and empty elements are no addresses. Several headers arrive joined in order.
    """
    if not header or len(header) > _LONGEST or header.count(",") >= _MOST_HOPS:
        return None
    chain = []
    for element in header.split(","):
        address = parse_address(element.strip(" \t"))
        if address is None:
            return None
        chain.append(address)
    return tuple(chain)


def first_untrusted(chain: tuple[Address, ...], generation: Generation) -> Address | None:
    """From the right, the first address that is no trusted proxy; None when all of them are."""
    return next((address for address in reversed(chain) if not generation.is_trusted_proxy(address)), None)
