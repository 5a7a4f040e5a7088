"""The virtual forecourt: exact limits, restarts in mid-fuelling, reports that are never lost and never count twice."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import a_grade, a_point
from hypothesis import given
from hypothesis import strategies as st
from shop import DRIVER, PATIENCE_S, Person, Pump, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.events import FuellingFinished
from kiosk_server.domain.money import fuel_amount_cents
from kiosk_server.domain.pump import FuellingPoint, State
from kiosk_server.hardware.forecourt import RETRY_S, TICK_S, Answered, VirtualForecourt
from kiosk_server.hardware.meters import Meter
from kiosk_server.hardware.virtual_pump import TRIGGER_DELAY_S, VirtualPump, tank_ml
from kiosk_server.promise import Promise

FUELLING = a_point(state=State.FUELLING, grade=a_grade(), transaction=1)
HUNG = msgspec.structs.replace(FUELLING, is_hung=True)
BIG_TANK_ML = 100_000


class Bench:
    """A forecourt without its thread: the test is its clock, its store and its post."""

    def __init__(self, folder: Path, tank: Callable[[str, int], int] = lambda terminal, number: BIG_TANK_ML) -> None:
        self.now_s = 1000.0
        self.sent: list[tuple[c.Command, str]] = []
        self.readings: list[dict[str, int]] = []
        self.forecourt = VirtualForecourt(
            folder / "meters.json",
            self._submit,
            lambda terminal, reading: self.readings.append(reading),
            tank=tank,
            monotonic=lambda: self.now_s,
        )
        self.forecourt.tick()

    def _submit(self, command: c.Command, key: str) -> Promise[Any]:
        self.sent.append((command, key))
        return Promise()

    def sees(self, point: FuellingPoint) -> None:
        self.forecourt.tick()
        self.forecourt.see(point)

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            self.forecourt.tick()

    def answers(self, code: str = "") -> None:
        reply = Reply(ok=not code, seq=1, code=code, message="Because.")
        self.forecourt.hear(Answered("pump1", self.sent[-1][1], reply))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_pump_reports_its_first_drops_once(bench: Bench) -> None:
    bench.sees(a_point(state=State.STARTED, grade=a_grade()))
    bench.passes(TRIGGER_DELAY_S - 2 * TICK_S)
    assert bench.sent == []
    bench.passes(3)
    assert bench.sent == [(c.ReportFlow(terminal="pump1"), "pump1/1/flow")]


def test_nothing_flows_before_the_store_has_committed_it(bench: Bench) -> None:
    bench.sees(a_point(state=State.STARTED, grade=a_grade()))
    bench.passes(10)
    assert bench.readings == []


def test_display_runs_while_fuel_flows_and_stands_while_it_is_stopped(bench: Bench) -> None:
    bench.sees(FUELLING)
    bench.passes(5)
    volumes = [reading["volume_ml"] for reading in bench.readings]
    assert len(volumes) == 25
    assert volumes == sorted(set(volumes)), "the display only grows"
    assert all(r["amount_cents"] == fuel_amount_cents(r["volume_ml"], 1799) for r in bench.readings)

    bench.sees(msgspec.structs.replace(FUELLING, state=State.SUSPENDED_FUELLING))
    bench.passes(5)
    assert len(bench.readings) == 25

    bench.sees(FUELLING)
    bench.passes(1)
    assert bench.readings[-1]["volume_ml"] > volumes[-1]


def test_hung_nozzle_reports_what_the_display_showed(bench: Bench) -> None:
    bench.sees(FUELLING)
    bench.passes(4)
    bench.sees(HUNG)
    bench.passes(4)
    shown = bench.readings[-1]["volume_ml"]
    assert bench.sent == [(c.ReportFuelling(terminal="pump1", volume_ml=shown), "pump1/1/totals")]


def test_full_tank_ends_the_flow(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tank=lambda terminal, number: 12_345)
    bench.sees(FUELLING)
    bench.passes(120)
    assert bench.readings[-1]["volume_ml"] == 12_345
    bench.sees(HUNG)
    assert bench.sent[-1][0] == c.ReportFuelling(terminal="pump1", volume_ml=12_345)


@given(limit_cents=st.integers(1, 5000), mills=st.integers(500, 9999))
def test_pump_stops_exactly_at_its_limit(limit_cents: int, mills: int) -> None:
    meter = Meter()
    pump = VirtualPump("pump1", meter, lambda terminal, number: 2_000_000)
    pump.see(msgspec.structs.replace(FUELLING, grade=a_grade(mills), limit_cents=limit_cents))
    pump.step(3600, 1)
    assert pump.is_full
    assert pump.reading["amount_cents"] == limit_cents


def test_restart_in_mid_fuelling_goes_on_where_the_meter_was(tmp_path: Path) -> None:
    before = Bench(tmp_path)
    before.sees(FUELLING)
    before.passes(6)
    counted = before.readings[-1]["volume_ml"]

    after = Bench(tmp_path)
    after.sees(FUELLING)
    after.passes(TICK_S)
    assert counted < after.readings[0]["volume_ml"] < counted + 100


def test_restart_after_the_nozzle_was_hung_reports_under_the_same_key(tmp_path: Path) -> None:
    before = Bench(tmp_path)
    before.sees(FUELLING)
    before.passes(6)
    before.sees(HUNG)

    after = Bench(tmp_path)
    after.sees(HUNG)
    assert after.sent == before.sent


def test_restart_before_the_first_drop_counts_from_zero(tmp_path: Path) -> None:
    before = Bench(tmp_path)
    before.sees(FUELLING)
    before.passes(6)
    before.sees(a_point(transaction=1))

    after = Bench(tmp_path)
    after.sees(msgspec.structs.replace(FUELLING, transaction=2))
    after.passes(TICK_S)
    assert after.readings[0]["volume_ml"] < 100


def test_damaged_meters_are_kept_beside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "meters.json").write_bytes(b'{"pump1": {"volume')
    bench = Bench(tmp_path)
    assert (tmp_path / "meters.damaged").exists()
    assert "unreadable" in caplog.text
    bench.sees(FUELLING)
    bench.passes(1)
    assert bench.readings


def test_full_disk_stops_no_pump(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    bench = Bench(folder)
    folder.rmdir()
    bench.sees(FUELLING)
    bench.passes(1)
    assert bench.readings[-1]["volume_ml"] > 0
    assert "could not be saved" in caplog.text


@pytest.mark.parametrize("code", ["busy", "read_only", "internal"])
def test_report_that_cannot_be_taken_now_is_said_again(bench: Bench, code: str) -> None:
    bench.sees(FUELLING)
    bench.passes(2)
    bench.sees(HUNG)
    bench.answers(code)
    bench.passes(RETRY_S + TICK_S)
    bench.answers()
    bench.passes(10)
    first, second = bench.sent
    assert first == second


def test_report_that_the_store_has_moved_on_from_is_let_go(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.sees(FUELLING)
    bench.passes(2)
    bench.sees(HUNG)
    bench.answers("wrong_state")
    bench.passes(10)
    assert len(bench.sent) == 1
    assert "pump1/1/totals" in caplog.text


def test_stop_before_the_first_drops_withdraws_the_report(bench: Bench) -> None:
    bench.sees(a_point(state=State.STARTED, grade=a_grade()))
    bench.passes(0.4)
    bench.sees(a_point(state=State.SUSPENDED_STARTED, grade=a_grade()))
    bench.passes(5)
    assert bench.sent == []


def test_totals_of_a_nozzle_are_the_sum_of_its_fuellings(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in (1, 2, 3):
        bench.sees(msgspec.structs.replace(FUELLING, transaction=number))
        bench.passes(number)
        bench.sees(msgspec.structs.replace(HUNG, transaction=number))
        bench.sees(a_point(transaction=number))
    reported = sum(command.volume_ml for command, _ in bench.sent if isinstance(command, c.ReportFuelling))
    meters = msgspec.json.decode((tmp_path / "meters.json").read_bytes(), type=dict[str, Meter])
    assert meters["pump1"].totals_ml == {"diesel": reported}


def test_tanks_differ_and_stay_what_they_are() -> None:
    sizes = {tank_ml("pump1", number) for number in range(50)}
    assert len(sizes) > 40
    assert all(18_000 <= size < 58_000 for size in sizes)
    assert tank_ml("pump1", 7) == tank_ml("pump1", 7)


def test_whole_fuelling_runs_between_the_store_and_the_forecourt(
    shop: Shop, pump1: Pump, attendant: Person, tmp_path: Path
) -> None:
    """Own thread, real bus: authorised to 20.00, stopped there by itself, hung, billed to the cent."""
    is_full, is_billed = threading.Event(), threading.Event()

    def live(terminal: str, reading: dict[str, int]) -> None:
        if reading["amount_cents"] == 2000:
            is_full.set()

    forecourt = VirtualForecourt(
        tmp_path / "meters.json",
        lambda command, key: shop.bus.submit(command, DRIVER, key),
        live,
        speed=500,
        tank=lambda terminal, number: BIG_TANK_ML,
    )
    shop.bus.subscribe(forecourt.on_entries)
    shop.bus.subscribe(
        lambda entries: is_billed.set() if any(isinstance(e.event, FuellingFinished) for e in entries) else None
    )
    with shop.looks() as repositories:
        forecourt.start(repositories.points())

    pump1.lifts()
    attendant.authorises("pump1", 2000)
    assert is_full.wait(PATIENCE_S)
    pump1.hangs()
    assert is_billed.wait(PATIENCE_S)
    assert forecourt.stop(PATIENCE_S)

    assert shop.basket(pump1.point.unpaid[0]).totals.total_cents == 2000
