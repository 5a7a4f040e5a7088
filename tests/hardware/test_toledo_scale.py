"""A serial scale over a real pair of terminals: the test holds the scale's end of the line."""

import os
import queue
import select
import tty
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import PATIENCE_S

from kiosk_server.domain.bagging import Expectation
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.scale import Condition, LaneScales, Reading
from kiosk_server.hardware.scale import ScaleAddress, Way, parse_scale
from kiosk_server.hardware.scales import ScaleRoom
from kiosk_server.hardware.toledo_scale import ASK_S, OPEN_AGAIN_S, SILENT_S, ToledoScale, read_answer
from kiosk_server.promise import Promise
from kiosk_server.store.bagging import BaggingArea

KG = 1000.0


def has_something(descriptor: int) -> bool:
    """Waits until it is there to be read: a line takes its moment."""
    return bool(select.select([descriptor], [], [], PATIENCE_S)[0])


class Line:
    """The scale at the other end. `says` answers as it would, and looks after the driver has been."""

    def __init__(self) -> None:
        self.far, near = os.openpty()
        tty.setraw(near)
        self.device = os.ttyname(near)
        self._near = near
        self.scale = ToledoScale(ScaleAddress(Way.TOLEDO, self.device))
        self.now_s = 50.0

    def looks(self, after_s: float = 0.0) -> Reading:
        self.now_s += after_s
        return self.scale.look(self.now_s)

    def asked(self, times: int = 1) -> bytes:
        """What has arrived, once it is so much."""
        heard = b""
        while len(heard) < times and has_something(self.far):
            heard += os.read(self.far, 100)
        return heard

    def says(self, answer: bytes) -> Reading:
        os.write(self.far, answer)
        assert self.scale.descriptor is not None
        assert has_something(self.scale.descriptor)
        return self.looks(0.01)

    def is_cut(self) -> None:
        os.close(self.far)
        self.far = -1

    def closes(self) -> None:
        self.scale.close()
        for end in (self._near, self.far):
            if end >= 0:
                os.close(end)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.closes()


def test_driver_asks_and_reads_the_weight(line: Line) -> None:
    assert line.looks() == Reading(), "nobody has answered yet"
    assert line.asked() == b"W"
    assert line.says(b"\x0200.485\r") == Reading(Condition.STABLE, 485)
    assert line.looks(ASK_S) == Reading(Condition.STABLE, 485)
    assert line.asked() == b"W"
    assert line.says(b"\x0200.000\r") == Reading(Condition.ZERO, 0)


def test_driver_asks_five_times_a_second_and_no_more(line: Line) -> None:
    for _ in range(100):
        line.looks(0.01)
    assert line.asked(5) == b"W" * 5
    assert line.scale.due_s(line.now_s) == pytest.approx(line.now_s + ASK_S, abs=ASK_S)


def test_answer_in_pieces_counts_when_it_is_whole(line: Line) -> None:
    line.looks()
    assert line.says(b"\x0200.") == Reading()
    assert line.says(b"485") == Reading()
    assert line.says(b"\r\x0200.4") == Reading(Condition.STABLE, 485)
    assert line.says(b"90\r") == Reading(Condition.STABLE, 490)


def test_scale_that_falls_silent_is_unplugged_until_it_answers(line: Line) -> None:
    line.looks()
    line.says(b"\x0200.485\r")
    assert line.looks(SILENT_S - 0.1) == Reading(Condition.STABLE, 485)
    assert line.looks(0.2) == Reading(Condition.UNPLUGGED)
    assert line.says(b"\x0200.485\r") == Reading(Condition.STABLE, 485)


def test_noise_is_no_answer(line: Line) -> None:
    line.looks()
    for noise in (b"\xff\x00" * 300, b"00.485\r", b"\x02cheese\r", b"\x02-0.485\r", b"\x02\r", b"\r\r\r"):
        assert line.says(noise) == Reading()
    heard = line.says(b"\x0200.485\r")
    while heard == Reading() and has_something(line.scale.descriptor or -1):  # what is left of the noise comes first
        heard = line.looks(0.01)
    assert heard == Reading(Condition.STABLE, 485)


def test_cable_that_is_pulled_out_and_put_in_again(line: Line) -> None:
    line.looks()
    line.says(b"\x0200.485\r")
    line.is_cut()
    line.looks(0.1)
    assert line.scale.descriptor is None
    assert line.looks(SILENT_S) == Reading(Condition.UNPLUGGED)
    again = Line()
    try:
        line.scale = ToledoScale(ScaleAddress(Way.TOLEDO, again.device))
        line.looks(OPEN_AGAIN_S)
        os.write(again.far, b"\x0200.020\r")
        assert has_something(line.scale.descriptor or -1)
        assert line.looks(0.1) == Reading(Condition.STABLE, 20)
    finally:
        line.scale.close()
        again.closes()


def test_device_that_is_not_there_is_tried_again_in_a_while() -> None:
    scale = ToledoScale(ScaleAddress(Way.TOLEDO, "/dev/no-such-scale"))
    assert scale.look(10.0) == Reading(Condition.UNPLUGGED)
    assert scale.due_s(10.0) == 10.0 + OPEN_AGAIN_S
    assert scale.look(13.0) == Reading(Condition.UNPLUGGED)


def test_file_that_is_no_serial_line_is_no_scale(tmp_path: object) -> None:
    scale = ToledoScale(ScaleAddress(Way.TOLEDO, "/dev/null"))
    assert scale.look(10.0) == Reading(Condition.UNPLUGGED)
    assert scale.descriptor is None


def test_room_waits_for_the_line_and_hears_what_it_says(line: Line) -> None:
    told: queue.SimpleQueue[LaneScales] = queue.SimpleQueue()
    area = BaggingArea(terminal="lane3", expectation=Expectation(0, -20, 20))
    room = ScaleRoom(
        LaneRules(produce_scales={"lane3": line.device}),
        lambda terminals: {"lane3": area},
        lambda command, key: Promise(),
        lambda terminal, scales: told.put(scales),
    )
    room.start()
    try:
        assert told.get(timeout=PATIENCE_S).produce == Reading(), "nobody has answered yet"
        assert line.asked() == b"W"
        os.write(line.far, b"\x0200.485\r")
        assert told.get(timeout=PATIENCE_S).produce == Reading(Condition.STABLE, 485)
        line.is_cut()
        assert told.get(timeout=PATIENCE_S).produce == Reading(), "and is told when it has gone"
    finally:
        assert room.stop(PATIENCE_S)


@pytest.mark.parametrize(
    ("answer", "reading"),
    [
        (b"\x0212.345\r", Reading(Condition.STABLE, 12_345)),
        (b"\x02 1.250\r", Reading(Condition.STABLE, 1_250)),
        (b"\x0200485\r", Reading(Condition.STABLE, 485)),
        (b"\x0200.485N\r", Reading(Condition.STABLE, 485)),
        (b"\x0299.999\r", Reading(Condition.OVERLOAD, 60_000)),
        (b"\x02?\x21\r", Reading(Condition.UNSTABLE)),
        (b"\x02?\x22\r", Reading(Condition.OVERLOAD)),
        (b"\x02?\x23\r", Reading(Condition.OVERLOAD)),
        (b"\x02?\x24\r", Reading(Condition.NEGATIVE)),
        (b"\x02?\x28\r", Reading(Condition.UNSTABLE)),
        (b"\x02?\x30\r", Reading(Condition.ZERO)),
        (b"\x02?D\r", Reading(Condition.NEGATIVE)),
        (b"\x02?\x40\r", None),
        (b"\x02E\r", None),
    ],
)
def test_answers_mean_what_the_protocol_says(answer: bytes, reading: Reading | None) -> None:
    assert read_answer(answer, KG) == reading


def test_pounds_become_grams() -> None:
    assert read_answer(b"\x0201.00\r", parse_scale("/dev/ttyS0?unit=lb").grams_per_unit) == Reading(
        Condition.STABLE, 454
    )


@given(st.binary(max_size=40))
def test_no_bytes_break_it(answer: bytes) -> None:
    read_answer(answer, KG)


@given(st.integers(1, 59_999))
def test_every_weight_arrives_to_the_gram(weight_g: int) -> None:
    answer = f"\x02{weight_g // 1000:02}.{weight_g % 1000:03}\r".encode()
    assert read_answer(answer, KG) == Reading(Condition.STABLE, weight_g)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("virtual", ScaleAddress(Way.VIRTUAL)),
        ("/dev/ttyS0", ScaleAddress(Way.TOLEDO, "/dev/ttyS0")),
        ("/dev/ttyUSB1?unit=lb", ScaleAddress(Way.TOLEDO, "/dev/ttyUSB1", 453.59237)),
    ],
)
def test_settings_name_a_scale(text: str, address: ScaleAddress) -> None:
    assert parse_scale(text) == address


@pytest.mark.parametrize("text", ["", "virtuel", "ttyS0", "COM3", "tcp://scale:4001", "/dev/ttyS0?unit=st", "/dev/x?a"])
def test_settings_that_name_no_scale_say_why(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither|asks for more"):
        parse_scale(text)
