"""One decision of the guard: an address that is known, one that is not, one more that is refused and counted."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from benchmarks.outcome import Outcome, Row, Run, Target, at_most, middle_half, percentile
from kiosk_server.edge.guard import Door, Guard, GuardSettings

DECISIONS = 100_000
TARGET = at_most(2)
KNOWN = ("10.0.0.7", "fd00::7", "8.8.8.8", "127.0.0.1")
SETTINGS = {
    "allow": ["own-subnets", "10.0.0.0/24", "192.168.10.0/24"],
    "deny": ["192.168.10.66"],
    "zones": {"manager": ["192.168.10.0/26"]},
    "ipv6_ula": True,
}


def measure(run: Run) -> Outcome:
    """Each way `run.scaled` times, in turn; the figure is the median round."""
    logging.getLogger("kiosk_server.edge").setLevel(logging.ERROR)
    guard = Guard(GuardSettings.parse(**SETTINGS))
    fresh = (str(IPv4Address(number)) for number in itertools.count(0x08000000))
    rounds: dict[str, list[float]] = {"known": [], "new": [], "refused": []}
    for _ in range(run.scaled(15, 3)):
        rounds["known"].append(microseconds(guard.decide, itertools.cycle(KNOWN)))
        rounds["new"].append(microseconds(guard.decide, fresh))
        rounds["refused"].append(microseconds(lambda peer: guard.admit(peer, Door.ACCEPT), fresh))
    return Outcome(
        rows=[
            row("a decision about an address that is known", rounds["known"], TARGET),
            row("a decision about an address never seen", rounds["new"]),
            row("refusing and counting an address never seen", rounds["refused"]),
        ]
    )


def microseconds(ask: Callable[[str], object], addresses: Iterator[str]) -> float:
    """The mean time of one question, the loop around it included."""
    asked = list(itertools.islice(addresses, DECISIONS))
    began = time.perf_counter()
    for address in asked:
        ask(address)
    return (time.perf_counter() - began) / DECISIONS * 1e6


def row(what: str, rounds: list[float], target: Target | None = None) -> Row:
    """The median of the rounds."""
    return Row(what, percentile(rounds, 0.5), "us", target, middle_half(rounds))
