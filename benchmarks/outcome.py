"""What a benchmark hands back: rows that are judged, and samples that are drawn.

A row without a measured value says why in its note; a row without a target is told, never judged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from statistics import median, quantiles


class Sense(StrEnum):
    """Which side of the target is good."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True)
class Target:
    """A figure to reach."""

    sense: Sense
    value: float

    def is_reached_by(self, measured: float) -> bool:
        """Judges the figure as it is, not as it is printed."""
        if self.sense is Sense.AT_MOST:
            return measured <= self.value
        return measured >= self.value


def at_most(value: float) -> Target:
    """Less is better."""
    return Target(Sense.AT_MOST, value)


def at_least(value: float) -> Target:
    """More is better."""
    return Target(Sense.AT_LEAST, value)


@dataclass(frozen=True)
class Row:
    """One line of the table. `unit` "" means a ratio; `spread` is the middle half of the rounds."""

    what: str
    measured: float | None
    unit: str = ""
    target: Target | None = None
    spread: tuple[float, float] | None = None
    note: str = ""

    @property
    def is_reached(self) -> bool | None:
        """None where there is nothing to judge; a target that was not measured is not reached."""
        if self.target is None:
            return None
        return self.measured is not None and self.target.is_reached_by(self.measured)


@dataclass
class Outcome:
    """Rows for the table, and named figures for the chart: `{"fanout_ms": {"ours": 18.2}}`."""

    rows: list[Row] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run of the whole command: how thorough, and why a peer's part is missing."""

    is_quick: bool
    missing: dict[str, str]

    def scaled(self, full: int, quick: int) -> int:
        """A number of rounds."""
        return quick if self.is_quick else full


@dataclass(frozen=True)
class Bench:
    """A benchmark: what it is called in the table, and the function that takes its time."""

    title: str
    measure: Callable[[Run], Outcome]


def middle_half(values: Sequence[float]) -> tuple[float, float] | None:
    """First and third quartile; None for fewer than four values."""
    if len(values) < 4:
        return None
    first, _, third = quantiles(values, n=4)
    return first, third


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[ceil(share * len(ordered)) - 1]


def ratio(
    ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]
) -> tuple[float, tuple[float, float] | None]:
    """Median of all over median of all, and the middle half of the ratios of neighbouring rounds."""
    measured = median(x for part in ours for x in part) / median(x for part in theirs for x in part)
    rounds = [median(a) / median(b) for a, b in zip(ours, theirs, strict=True)]
    return measured, middle_half(rounds)
