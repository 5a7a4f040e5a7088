"""A serial scale that speaks Toledo 8217, as the scales of most checkouts can: 9600 baud, 7 bits, even parity.

    we send   W                        it answers   STX "00.123" CR       the weight, at rest
                                                    STX "?" status CR     why there is none

The bits of `status`: 0 in motion, 1 over capacity, 2 under zero, 3 outside the zero capture range, 4 centre of zero.
"""

import logging
import os
import re
import termios
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from kiosk_server.domain.scale import MAX_WEIGHT_G, Condition, Reading
from kiosk_server.hardware.scale import ScaleAddress

log = logging.getLogger(__name__)

ASK_S: Final = 0.2
SILENT_S: Final = 1.5
OPEN_AGAIN_S: Final = 2.0
MOST_HEARD: Final = 256

_ANSWER: Final = re.compile(rb"\x02[^\x02\r]*\r")
_WEIGHT: Final = re.compile(rb"\x02\s*(\d{0,5}\.?\d{1,5})N?\r")
_STATUS: Final = re.compile(rb"\x02\?(.)\r", re.DOTALL)
# The worst first: an overloaded plate that moves is overloaded.
_BITS: Final = (
    (0b00010, Condition.OVERLOAD),
    (0b00100, Condition.NEGATIVE),
    (0b00001, Condition.UNSTABLE),
    (0b01000, Condition.UNSTABLE),
    (0b10000, Condition.ZERO),
)


class ToledoScale:
    """One serial plate; see scale.py. It is asked five times a second, and opened again when it was pulled out."""

    def __init__(self, address: ScaleAddress) -> None:
        self._address = address
        self.descriptor: int | None = None
        self._heard = b""
        self._reading = Reading()
        self._heard_at_s = float("-inf")
        self._ask_at_s = float("-inf")
        self._is_gone = False

    def look(self, now_s: float) -> Reading:
        try:
            if self.descriptor is None and now_s >= self._ask_at_s:
                self._open(now_s)
            if self.descriptor is not None:
                self._listen(now_s)
                self._ask(now_s)
        except OSError as error:
            if not self._is_gone:
                log.warning("the scale at %s does not answer: %s", self._address.device, error)
            self._is_gone = True
            self.close()
            self._ask_at_s = now_s + OPEN_AGAIN_S
        if now_s > self._heard_at_s + SILENT_S:
            self._reading = Reading()
        return self._reading

    def due_s(self, now_s: float) -> float | None:
        return max(now_s, self._ask_at_s)

    def close(self) -> None:
        descriptor, self.descriptor = self.descriptor, None
        self._heard = b""
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _open(self, now_s: float) -> None:
        self.descriptor = os.open(self._address.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            flags = termios.CS7 | termios.PARENB | termios.CREAD | termios.CLOCAL
            characters: list[bytes | int] = [b"\0"] * 32
            characters[termios.VMIN] = 1  # or an empty line would read like one that has hung up
            wanted: list[int | list[bytes | int]] = [termios.IGNPAR, 0, flags, 0, termios.B9600, termios.B9600]
            termios.tcsetattr(self.descriptor, termios.TCSANOW, [*wanted, characters])
        except termios.error as error:
            raise OSError(str(error)) from error
        self._ask_at_s = now_s

    def _listen(self, now_s: float) -> None:
        assert self.descriptor is not None  # noqa: S101 - it was opened a line above
        with suppress(BlockingIOError):
            data = os.read(self.descriptor, MOST_HEARD)
            if not data:
                raise OSError("it has hung up")
            self._heard = (self._heard + data)[-MOST_HEARD:]
        for answer in _ANSWER.findall(self._heard):
            reading = read_answer(answer, self._address.grams_per_unit)
            if reading is not None:
                self._reading, self._heard_at_s, self._is_gone = reading, now_s, False
        self._heard = self._heard[self._heard.rfind(b"\r") + 1 :]

    def _ask(self, now_s: float) -> None:
        if now_s >= self._ask_at_s and self.descriptor is not None:
            self._ask_at_s = now_s + ASK_S
            with suppress(BlockingIOError):
                os.write(self.descriptor, b"W")


def read_answer(answer: bytes, grams_per_unit: float) -> Reading | None:
    """What one answer says; None for noise. Without a point, the last three digits are thousandths."""
    if status := _STATUS.fullmatch(answer):
        bits = status[1][0]
        condition = next((condition for bit, condition in _BITS if bits & bit), None)
        return None if condition is None else Reading(condition)
    if weight := _WEIGHT.fullmatch(answer):
        digits = weight[1].decode()
        units = Decimal(digits) if "." in digits else Decimal(digits) / 1000
        grams = int((units * Decimal(str(grams_per_unit))).to_integral_value(ROUND_HALF_UP))
        if grams > MAX_WEIGHT_G:
            return Reading(Condition.OVERLOAD, MAX_WEIGHT_G)
        return Reading(Condition.STABLE if grams else Condition.ZERO, grams)
    return None
