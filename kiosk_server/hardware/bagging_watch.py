"""When a bagging area complains: what the plate says beside what the store expects, and how long it has been so.

    disagrees for patience_s                         -> ReportBagging     a scan begins the wait anew, but not for ever
    disagrees by more, or by less, than was told     -> ReportBagging     the evidence is weighed again
    agrees while somebody is asked to look           -> ReportBagging     nobody needs to look any more
    empty for walk_off_s beside a basket             -> ReportBagging(is_left)
    unplugged, overloaded, below zero for FAULT_S    -> ReportBagging(condition), and again once it weighs

Whether somebody is asked already, the store knows and tells with each look, so that a restart asks nobody twice.
Seconds are monotonic.
"""

from typing import Final

from kiosk_server.domain.basket import Line
from kiosk_server.domain.commands import ReportBagging
from kiosk_server.domain.intervention import (
    SCALE_FAULT,
    InterventionKind,
    is_of_a_machine,
    is_of_the_bagging_area,
)
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Condition, Deviation, Reading
from kiosk_server.store.bagging import BaggingArea

FAULTS: Final = frozenset({Condition.UNPLUGGED, Condition.OVERLOAD, Condition.NEGATIVE})
FAULT_S: Final = 3.0
AGAIN_S: Final = 2.0
LONGEST_WAIT: Final = 3
"""Times patience_s: whoever scans on and on without bagging is asked after that."""


class BaggingWatch:
    """One bagging area. Told what is committed (`see`) and measured (`weigh`), it knows what to report, and when."""

    def __init__(self, terminal: str, rules: LaneRules) -> None:
        self._terminal = terminal
        self._rules = rules
        self._area: BaggingArea | None = None
        self._reading = Reading()
        self._faulty_since_s: float | None = None
        self._empty_since_s: float | None = None
        self._began_s: float | None = None  # since when it has disagreed without a break
        self._waits_since_s: float | None = None  # the same, or when the last item was scanned
        self._said_at_s = float("-inf")

    @property
    def deviation(self) -> Deviation:
        """How the plate stands to the basket; NONE where there is nothing to compare."""
        if self._area is None or self._area.open_basket is None or not self._reading.is_weight:
            return Deviation.NONE
        return self._area.expectation.deviation(self._reading.weight_g)

    def see(self, area: BaggingArea, now_s: float) -> None:
        """What the store holds now."""
        before, self._area = self._area, area
        if before is not None and self._has_ended_look(before, area):
            self._began_s = self._waits_since_s = self._empty_since_s = None
        elif self._began_s is not None and _lines_of(before) != _lines_of(area):
            self._waits_since_s = now_s
        self._judge(now_s)

    def weigh(self, reading: Reading, now_s: float) -> None:
        """What the plate says now."""
        self._reading = reading
        self._judge(now_s)

    def report(self, now_s: float) -> ReportBagging | None:
        """What is to be told now. Each word is given a moment to be heard before it is repeated."""
        if now_s < self._said_at_s + AGAIN_S:
            return None
        report = self._due_report(now_s)
        if report is not None:
            self._said_at_s = now_s
        return report

    def due_s(self, now_s: float) -> float | None:
        """When to ask for a report again though nothing has changed."""
        times = [self._said_at_s + AGAIN_S]
        if self._faulty_since_s is not None:
            times.append(self._faulty_since_s + FAULT_S)
        if self._empty_since_s is not None:
            times.append(self._empty_since_s + self._rules.walk_off_s)
        if self._began_s is not None:
            times.append(self._patience_ends_s())
        return min((time for time in times if time > now_s), default=None)

    # -- inside --

    @staticmethod
    def _has_ended_look(before: BaggingArea, area: BaggingArea) -> bool:
        """Somebody has decided: what is to be put right now takes its time again."""
        return any(map(is_of_the_bagging_area, before.rows)) and not any(map(is_of_the_bagging_area, area.rows))

    def _judge(self, now_s: float) -> None:
        reading = self._reading
        self._faulty_since_s = _since(self._faulty_since_s, now_s, is_so=reading.condition in FAULTS)
        if not reading.is_weight:
            return  # a hand on the plate: whether it agrees, nobody knows until it has come to rest
        self._began_s = _since(self._began_s, now_s, is_so=self.deviation is not Deviation.NONE)
        self._waits_since_s = None if self._began_s is None else self._waits_since_s or self._began_s
        self._empty_since_s = _since(self._empty_since_s, now_s, is_so=self._is_empty())

    def _is_empty(self) -> bool:
        area = self._area
        if area is None or area.open_basket is None:
            return False
        return self._reading.weight_g <= self._rules.tolerance_g < area.expectation.least_g

    def _patience_ends_s(self) -> float:
        began_s, waits_since_s = self._began_s or 0.0, self._waits_since_s or 0.0
        patience_s = self._rules.patience_s
        return min(waits_since_s + patience_s, began_s + LONGEST_WAIT * patience_s)

    def _due_report(self, now_s: float) -> ReportBagging | None:
        area = self._area
        if area is None:
            return None
        faults = [one for one in area.rows if is_of_a_machine(one)]
        if self._faulty_since_s is not None:
            is_told = any(one.evidence.reason == f"{SCALE_FAULT}{self._reading.condition.value}" for one in faults)
            return None if is_told or now_s < self._faulty_since_s + FAULT_S else self._say()
        if not self._reading.is_weight:
            return None
        return self._say() if faults else self._due_about_weight(area, now_s)

    def _due_about_weight(self, area: BaggingArea, now_s: float) -> ReportBagging | None:
        if area.open_basket is None:
            return None
        rows = [one for one in area.rows if is_of_the_bagging_area(one)]
        if self.deviation is Deviation.NONE:
            return self._say() if rows else None
        is_left = self._empty_since_s is not None and now_s >= self._empty_since_s + self._rules.walk_off_s
        if is_left != any(one.kind is InterventionKind.WALK_OFF for one in rows):
            return self._say(is_left=is_left)
        if rows:
            told_g = rows[0].evidence.measured_g or 0
            has_changed = abs(self._reading.weight_g - told_g) > self._rules.tolerance_g
            return self._say(is_left=is_left) if has_changed else None
        if any(one.kind is InterventionKind.WEIGHT_MISMATCH for one in area.rows):
            return None  # somebody comes anyway, to look at what is to stay out
        return self._say() if now_s >= self._patience_ends_s() else None

    def _say(self, *, is_left: bool = False) -> ReportBagging:
        basket = self._area.open_basket if self._area is not None else None
        return ReportBagging(
            terminal=self._terminal,
            basket_id=basket.basket_id if basket else None,
            measured_g=self._reading.weight_g,
            condition=self._reading.condition,
            is_left=is_left,
        )


def _since(known_s: float | None, now_s: float, *, is_so: bool) -> float | None:
    """Since when it has been so without a break."""
    if not is_so:
        return None
    return now_s if known_s is None else known_s


def _lines_of(area: BaggingArea | None) -> tuple[Line, ...]:
    return area.basket.lines if area is not None and area.basket is not None else ()
