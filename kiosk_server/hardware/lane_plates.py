"""The plates of one lane: what they say, what is to be told of it, and the customer where both are virtual."""

from collections.abc import Iterator, Mapping

from kiosk_server.domain.commands import Command
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import BaggingReading, LaneScales, Plate, Reading
from kiosk_server.hardware.bagging_watch import BaggingWatch
from kiosk_server.hardware.placements import Placements
from kiosk_server.hardware.scale import Scale
from kiosk_server.hardware.virtual_customer import VirtualCustomer
from kiosk_server.hardware.virtual_scale import Laying, VirtualScale
from kiosk_server.store.bagging import BaggingArea


class LanePlates:
    """One lane. Seconds are monotonic; nothing in here waits."""

    def __init__(self, terminal: str, plates: Mapping[Plate, Scale], rules: LaneRules, *, is_demo: bool) -> None:
        self.terminal = terminal
        self.plates = plates
        self._virtual = {plate: scale for plate, scale in plates.items() if isinstance(scale, VirtualScale)}
        self._is_demo = is_demo
        self._watch = BaggingWatch(terminal, rules)
        self._placements = Placements(terminal)
        self._customer = VirtualCustomer(terminal, self._virtual)
        self._customer.is_following = is_demo and bool(self._virtual)
        self._area: BaggingArea | None = None
        self._readings: dict[Plate, Reading] = {}

    @property
    def scales(self) -> LaneScales:
        """What a screen is told."""
        bagging = self._readings.get(Plate.BAGGING)
        return LaneScales(
            produce=self._readings.get(Plate.PRODUCE),
            bagging=BaggingReading(bagging.condition, bagging.weight_g, self._watch.deviation) if bagging else None,
            can_lay=self._is_demo and bool(self._virtual),
        )

    def see(self, area: BaggingArea, now_s: float) -> Iterator[tuple[Command, str]]:
        """What the store holds now; gives what is to be told at once, with its key."""
        self._area = area
        if self._customer.is_following:
            self._customer.follow(area, now_s)
        if Plate.BAGGING in self.plates:
            self._watch.see(area, now_s)
            learned = self._placements.see(area)
            if learned is not None:
                yield learned, f"placements/{learned.basket_id}"

    def look(self, now_s: float) -> None:
        """Let every plate say what it has to say."""
        self._customer.step(now_s)
        for plate, scale in self.plates.items():
            reading = scale.look(now_s)
            if reading != self._readings.get(plate):
                self._readings[plate] = reading
                if plate is Plate.BAGGING:
                    self._watch.weigh(reading, now_s)
                    self._placements.weigh(reading)

    def report(self, now_s: float) -> Command | None:
        """What is to be told of the bagging area now."""
        return self._watch.report(now_s) if Plate.BAGGING in self.plates else None

    def due_s(self, now_s: float) -> float | None:
        """When to look again though nothing was heard."""
        times = [scale.due_s(now_s) for scale in self.plates.values()]
        times += [self._customer.due_s(), self._watch.due_s(now_s) if Plate.BAGGING in self.plates else None]
        return min((time for time in times if time is not None), default=None)

    def lay(self, laying: Laying, now_s: float) -> bool:
        """A hand at a virtual plate. False where there is none."""
        scale = self._virtual.get(laying.plate)
        if scale is None:
            return False
        if laying.is_following is not None and laying.is_following != self._customer.is_following:
            self._customer.is_following = laying.is_following
            self._customer.stop_following()
            if laying.is_following and self._area is not None:
                self._customer.follow(self._area, now_s)
        scale.obey(laying, now_s)
        return True

    def close(self) -> None:
        for scale in self.plates.values():
            scale.close()
