"""One virtual fuelling point: a nozzle, a flow curve, a tank that fills. Time is handed in; nothing here waits."""

import zlib
from collections.abc import Callable
from enum import StrEnum

from kiosk_server.domain.commands import Command, ReportFlow, ReportFuelling
from kiosk_server.domain.money import fuel_amount_cents, fuel_limit_ml
from kiosk_server.domain.pump import HAS_FLOWED, FuellingPoint, State
from kiosk_server.hardware.meters import Meter

FULL_ML_S = 633.0  # 38 litres a minute, what a petrol nozzle gives
SLOW_ML_S = 80.0  # the last half litre before a preset runs at a trickle, as in life
SLOW_BELOW_ML = 500
RAMP_S = 1.5
TRIGGER_DELAY_S = 0.8  # from "you may" to the first drops
STEP_S = 0.05
SMALLEST_TANK_ML, TANK_SPREAD_ML = 18_000, 40_000


def tank_ml(terminal: str, transaction: int) -> int:
    """How much the car takes: between 18 and 58 litres, the same for the same transaction after a restart."""
    return SMALLEST_TANK_ML + zlib.crc32(f"{terminal}/{transaction}".encode()) % TANK_SPREAD_ML


class Phase(StrEnum):
    RESTING = "resting"
    ARMED = "armed"
    FLOWING = "flowing"
    PAUSED = "paused"
    SETTLING = "settling"


class VirtualPump:
    """Follows what the store has committed about its point, and has reports for it.

    `see` takes a committed point, `step` lets time pass; both may leave a report in `report`, which is due until
    `settled` says that the store has it.
    """

    def __init__(self, terminal: str, meter: Meter, tank: Callable[[str, int], int] = tank_ml) -> None:
        self.terminal = terminal
        self.meter = meter
        self.phase = Phase.RESTING
        self.report: tuple[Command, str] | None = None
        self._tank = tank
        self._armed_s = 0.0
        self._flow_s = 0.0
        self._fraction_ml = 0.0

    def see(self, point: FuellingPoint) -> bool:
        """Act on the point as committed; True when the meter must reach the disk."""
        before = self.phase
        if point.state is State.STARTED:
            self._arm()
        elif point.state in HAS_FLOWED:
            self._follow(point)
        else:
            self.phase, self.report = Phase.RESTING, None
        return self.phase is not before and before in {Phase.FLOWING, Phase.ARMED, Phase.RESTING}

    def _arm(self) -> None:
        if self.phase is not Phase.ARMED:
            self.phase, self.report, self._armed_s = Phase.ARMED, None, 0.0

    def _follow(self, point: FuellingPoint) -> None:
        if point.transaction != self.meter.transaction:
            self._begin(point)
        if point.is_hung:
            self.phase = Phase.SETTLING
            totals = ReportFuelling(terminal=self.terminal, volume_ml=self.meter.volume_ml)
            self.report = (totals, f"{self.terminal}/{point.transaction}/totals")
            return
        self.report = None
        if point.state is State.SUSPENDED_FUELLING:
            self.phase = Phase.PAUSED
        elif self.phase is not Phase.FLOWING:
            self.phase, self._flow_s = Phase.FLOWING, 0.0

    def _begin(self, point: FuellingPoint) -> None:
        grade = point.grade
        self.meter.transaction = point.transaction
        self.meter.grade_id = grade.item_id if grade else ""
        self.meter.unit_price_mills = grade.unit_price_mills if grade else 0
        self.meter.limit_cents = point.limit_cents
        self.meter.volume_ml = 0
        self._fraction_ml = 0.0

    def step(self, passed_s: float, transaction_so_far: int) -> None:
        """Let `passed_s` seconds pass. `transaction_so_far` is the point's last number: the next flow gets one more."""
        if self.phase is Phase.ARMED and self.report is None:
            self._armed_s += passed_s
            if self._armed_s >= TRIGGER_DELAY_S:
                self.report = (ReportFlow(terminal=self.terminal), f"{self.terminal}/{transaction_so_far + 1}/flow")
        while self.phase is Phase.FLOWING and passed_s > 0 and not self.is_full:
            slice_s = min(STEP_S, passed_s)
            self._flow(slice_s)
            passed_s -= slice_s

    def _flow(self, seconds: float) -> None:
        self._flow_s += seconds
        rate = FULL_ML_S * min(1.0, self._flow_s / RAMP_S)
        if self.stop_ml - self.meter.volume_ml < SLOW_BELOW_ML:
            rate = min(rate, SLOW_ML_S)
        self._fraction_ml += rate * seconds
        whole = min(int(self._fraction_ml), self.stop_ml - self.meter.volume_ml)
        self._fraction_ml -= int(self._fraction_ml)
        self.meter.count(whole)

    @property
    def stop_ml(self) -> int:
        """Where the flow ends by itself: the tank is full, or the limit is reached to the cent."""
        tank = self._tank(self.terminal, self.meter.transaction)
        if self.meter.limit_cents is None or not self.meter.unit_price_mills:
            return tank
        return min(tank, fuel_limit_ml(self.meter.limit_cents, self.meter.unit_price_mills))

    @property
    def is_full(self) -> bool:
        return self.meter.volume_ml >= self.stop_ml

    @property
    def is_running(self) -> bool:
        """Whether time matters to it now."""
        return (self.phase is Phase.FLOWING and not self.is_full) or (self.phase is Phase.ARMED and self.report is None)

    @property
    def reading(self) -> dict[str, int]:
        """What its display shows."""
        amount = fuel_amount_cents(self.meter.volume_ml, self.meter.unit_price_mills)
        return {"volume_ml": self.meter.volume_ml, "amount_cents": amount}
