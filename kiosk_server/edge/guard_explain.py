"""Would they get in, and as what? The guard's answer about anybody, without them having to knock.

The same code answers `kiosk-server network explain`, the console's test field and the lists of its Network view.
"""

from dataclasses import dataclass
from http import HTTPStatus
from math import inf

from kiosk_server.domain.sentence import Sentence
from kiosk_server.edge.guard import Guard
from kiosk_server.edge.guard_rules import SENTENCES, Effective, Reason, Treatment
from kiosk_server.edge.hosts import parse_host
from kiosk_server.edge.network import is_loopback, parse_address
from kiosk_server.edge.proxies import Admission, judge


@dataclass(frozen=True, slots=True)
class EffectiveNetwork:
    """One network that counts now. `remaining_s` is None for what does not end."""

    network: str
    treatment: Treatment
    why: str
    remaining_s: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would happen to a request. `status` is the HTTP status of a refusal, None where it would get in.

    `network` and `why` name what let the client in; `open_zones` and `closed_zones` are the screens and roles that a
    setting narrows; `steps` tells the whole story in sentences.
    """

    would_get_in: bool
    client: str | None
    status: int | None
    reason: Reason | None
    network: str | None
    why: str | None
    open_zones: tuple[str, ...]
    closed_zones: tuple[str, ...]
    is_proxy: bool
    is_own_machine: bool
    steps: tuple[Sentence, ...]
    networks: tuple[EffectiveNetwork, ...]


def explain(
    guard: Guard, address: str, host: str | None = None, forwarded: str | None = None, scheme: str = "https"
) -> Explanation:
    """What the guard would do with a connection from `address`.

    `host` is a Host header and `forwarded` an X-Forwarded-For header to go with it; `scheme` is what the proxy says
    that its client spoke. Counts nothing and changes nothing.
    """
    generation = guard.generation
    steps = [_spelling(address)]
    proto = scheme if forwarded is not None else None
    outcome = judge(generation, address, forwarded, proto, "http")
    parsed = parse_host(host)
    reason: Reason | None = None
    status: HTTPStatus | None = None
    if not isinstance(outcome, Admission):
        reason, status = outcome.reason, outcome.status
    else:
        steps += _admitted(outcome, forwarded)
        if host is not None and (parsed is None or not generation.hosts.has(parsed)):
            reason, status = Reason.WRONG_HOST, HTTPStatus.MISDIRECTED_REQUEST
        elif host is not None:
            steps.append(Sentence("our_name", "It asks for {host}, which is one of our names.", host=parsed))
    if reason is not None and status is not None:
        why = Sentence(reason.value, SENTENCES[reason])
        steps.append(Sentence("turned_away", "It is turned away ({status}): {why}.", status=status.value, why=why))
    verdict = outcome.verdict if isinstance(outcome, Admission) else None
    closed = verdict.closed_zones if verdict else frozenset(generation.settings.zones)
    return Explanation(
        would_get_in=reason is None,
        client=outcome.client if isinstance(outcome, Admission) else outcome.address,
        status=status.value if status else None,
        reason=reason,
        network=str(verdict.network) if verdict else None,
        why=verdict.why if verdict else None,
        open_zones=tuple(sorted(set(generation.settings.zones) - closed)),
        closed_zones=tuple(sorted(closed)),
        is_proxy=verdict is not None and verdict.is_proxy,
        is_own_machine=isinstance(outcome, Admission) and guard.is_own_machine(outcome.client),
        steps=tuple(steps),
        networks=effective_networks(guard),
    )


def effective_networks(guard: Guard) -> tuple[EffectiveNetwork, ...]:
    """Every network that counts now, in the order of judgement, and why it is there."""

    def remaining_s(rule: Effective) -> float | None:
        return None if rule.until_s == inf else guard.remaining_s(rule)

    return tuple(
        EffectiveNetwork(str(rule.network), rule.treatment, rule.why, remaining_s(rule))
        for rule in guard.generation.effective
    )


def _spelling(text: str) -> Sentence:
    address = parse_address(text)
    if address is None:
        return Sentence("no_address", "{text} is no address.", text=repr(text[:64]))
    if is_loopback(address):
        return Sentence("own_address", "{address} is this machine itself.", address=address)
    if text != str(address):
        return Sentence("spelt", "{text} is the address {address}.", text=text, address=address)
    return Sentence("comes_from", "The connection comes from {address}.", address=address)


def _admitted(admission: Admission, forwarded: str | None) -> list[Sentence]:
    verdict = admission.verdict
    steps = []
    if admission.is_forwarded:
        english = "It is a trusted proxy and speaks for {client}."
        steps.append(Sentence("speaks_for", english, client=admission.client))
    elif forwarded is not None:
        steps.append(Sentence("no_proxy", "It is no trusted proxy, so what it forwards counts for nothing."))
    english = "{client} is let in by {network}: {why}."
    steps.append(Sentence("let_in", english, client=admission.client, network=verdict.network, why=verdict.why))
    if verdict.closed_zones:
        zones = ", ".join(sorted(verdict.closed_zones))
        steps.append(Sentence("closed_zones", "Closed to it by network.zones: {zones}.", zones=zones))
    return steps
