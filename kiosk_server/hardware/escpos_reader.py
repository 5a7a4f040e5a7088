"""ESC/POS read as a printer reads it: bytes in any pieces -> papers. The virtual printer's brain, the tests' oracle.

Nothing here is shared with the encoder but the numbers of the code pages: a picture shows what was understood, not what
was meant. It knows the commands that receipts use; any other ends up in `strange`, with the bytes that it began with.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

import msgspec

from kiosk_server.hardware.escpos import CODE_PAGES

DOTS_A_CELL: Final = 12  # font A: 12 x 24 dots
USUAL_LINE_DOTS: Final = 34
"""1/6 inch at 203 dots an inch."""

MOST_WAITING: Final = 1024 * 1024
MOST_PARTS: Final = 5_000
"""A picture larger than that, or a paper longer, is no receipt: it is dropped, or torn off."""
MOST_QR_BYTES: Final = 1_000


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Characters side by side in one look. `at` and `cells` count cells of normal width from the left."""

    text: str
    at: int
    cells: int
    wide: int = 1
    high: int = 1
    is_bold: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of print, `dots` high."""

    runs: tuple[Run, ...]
    dots: int = USUAL_LINE_DOTS

    @property
    def text(self) -> str:
        """What stands in it from left to right, with spaces where nothing does."""
        shown = ""
        for run in self.runs:
            shown += " " * (run.at - width_of(shown)) + run.text
        return shown


class Qr(msgspec.Struct, frozen=True, kw_only=True):
    """A QR code with modules of so many dots. `alignment`: 0 left, 1 middle, 2 right."""

    data: bytes
    module: int
    level: str
    alignment: int


class Raster(msgspec.Struct, frozen=True, kw_only=True):
    """A picture: rows of bytes, most significant bit left, 1 is black."""

    width_bytes: int
    rows: int
    data: bytes
    alignment: int


Part = Line | Qr | Raster


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What came out up to a cut."""

    parts: tuple[Part, ...]
    is_cut: bool = True

    @property
    def lines(self) -> list[str]:
        return [part.text.rstrip() for part in self.parts if isinstance(part, Line)]


def width_of(text: str) -> int:
    """In cells of one font: letters of Chinese, Japanese and Korean take two."""
    return sum(2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text)


class Style(msgspec.Struct):
    """The state that commands change."""

    is_bold: bool = False
    wide: int = 1
    high: int = 1
    alignment: int = 0
    codec: str = "cp437"
    wider: str = ""  # an encoding beyond the code pages, '' for none


class EscPosReader:
    """Feed it; it calls `on_paper` at each cut and `answer` with what a printer would say back."""

    def __init__(self, columns: int, on_paper: Callable[[Paper], None], answer: Callable[[bytes], None]) -> None:
        self.columns = columns
        self.strange: list[bytes] = []
        self.kicks = 0
        self._on_paper, self._answer = on_paper, answer
        self._waiting = bytearray()
        self._style = Style()
        self._parts: list[Part] = []
        self._runs: list[Run] = []
        self._qr = Qr(data=b"", module=3, level="L", alignment=0)

    @property
    def unfinished(self) -> Paper | None:
        """What hangs out of the printer, not cut yet."""
        return Paper(parts=tuple(self._parts), is_cut=False) if self._parts else None

    @property
    def rows(self) -> int:
        """How many parts hang out."""
        return len(self._parts)

    def feed(self, data: bytes) -> None:
        """The next bytes, in pieces of any size."""
        self._waiting += data
        while self._waiting and (used := self._take(bytes(self._waiting[:4096]))):
            del self._waiting[:used]
        if len(self._waiting) > MOST_WAITING:
            self.strange.append(bytes(self._waiting[:4]))
            self._waiting.clear()
        if len(self._parts) > MOST_PARTS:
            self.tear()

    def forget(self) -> None:
        """Drop what was not understood yet, and the row that is not printed yet."""
        self._waiting.clear()
        self._runs.clear()
        self._style = Style()

    def tear(self) -> None:
        """Somebody tears off what hangs out."""
        if self._parts:
            self._on_paper(Paper(parts=tuple(self._parts), is_cut=False))
        self._parts.clear()

    def _take(self, waiting: bytes) -> int:
        """How many bytes the first thing in `waiting` took; 0 when it is not all there yet."""
        first = waiting[:1]
        if first in _COMMAND_BEGINS:
            return self._command(waiting)
        if first in _CONTROLS:
            _CONTROLS[first](self)
            return 1
        if first < b" ":
            self.strange.append(first)
            return 1
        return self._letters(waiting)

    def _command(self, waiting: bytes) -> int:
        for prefix, (length, act) in _COMMANDS.items():
            if waiting.startswith(prefix):
                size = len(prefix) + length(waiting[len(prefix) :])
                # A picture may be larger than what was looked at.
                whole = bytes(self._waiting[:size])
                if len(whole) < size:
                    return 0
                act(self, whole[len(prefix) :])
                return size
        if any(prefix.startswith(waiting) for prefix in _COMMANDS):
            return 0
        self.strange.append(waiting[:4])
        return min(2, len(waiting))

    def _letters(self, waiting: bytes) -> int:
        size = _letter_size(waiting, self._style.wider)
        if size > len(waiting):
            return 0
        codec = self._style.wider or self._style.codec
        for letter in waiting[:size].decode(codec, errors="replace"):
            self._put("\ufffd" if unicodedata.category(letter).startswith("C") else letter)
        return size

    def _put(self, letter: str) -> None:
        style = self._style
        cells = width_of(letter) * style.wide
        at = self._runs[-1].at + self._runs[-1].cells if self._runs else 0
        if at + cells > self.columns:
            self.end_line()  # a printer's row is full: it goes on in the next
            at = 0
        last = self._runs[-1] if self._runs else None
        if last is not None and (last.wide, last.high, last.is_bold) == (style.wide, style.high, style.is_bold):
            self._runs[-1] = msgspec.structs.replace(last, text=last.text + letter, cells=last.cells + cells)
            return
        run = Run(text=letter, at=at, cells=cells, wide=style.wide, high=style.high, is_bold=style.is_bold)
        self._runs.append(run)

    def end_line(self) -> None:
        """LF: the row is printed and the paper moves on."""
        used = self._runs[-1].at + self._runs[-1].cells if self._runs else 0
        shift = (self.columns - used) * self._style.alignment // 2
        runs = tuple(msgspec.structs.replace(run, at=run.at + shift) for run in self._runs)
        self._parts.append(Line(runs=runs, dots=USUAL_LINE_DOTS * max([1, *(run.high for run in runs)])))
        self._runs.clear()

    # -- what commands do; each gets the bytes after its own --

    def reset(self, _: bytes) -> None:
        self._runs.clear()
        self._style = Style()

    def bold(self, value: bytes) -> None:
        self._style.is_bold = bool(value[0] & 1)

    def size(self, value: bytes) -> None:
        self._style.wide, self._style.high = (value[0] >> 4 & 7) + 1, (value[0] & 7) + 1

    def align(self, value: bytes) -> None:
        self._style.alignment = {0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}.get(value[0], self._style.alignment)

    def page(self, value: bytes) -> None:
        if value[0] in CODE_PAGES:
            self._style.codec = CODE_PAGES[value[0]]
        else:
            self.strange.append(b"\x1bt" + value)

    def kanji(self, _: bytes) -> None:
        self._style.wider = "gb18030"

    def no_kanji(self, _: bytes) -> None:
        if self._style.wider == "gb18030":
            self._style.wider = ""

    def encoding(self, value: bytes) -> None:
        if value[2:3] == b"0":
            self._style.wider = "utf-8" if value[3] in {2, 50} else ""
        else:
            self.strange.append(b"\x1c(C" + value)

    def feed_lines(self, value: bytes) -> None:
        for _ in range(value[0]):
            self.end_line()

    def cut(self, _: bytes) -> None:
        if self._runs:
            self.end_line()
        self._on_paper(Paper(parts=tuple(self._parts)))
        self._parts.clear()

    def kick(self, _: bytes) -> None:
        self.kicks += 1

    def tell(self, value: bytes) -> None:
        # Paper is there and plenty: this is answered in its turn, so a printer without paper never comes to it.
        if value in {b"\x01", b"1"}:
            self._answer(b"\x00")

    def symbol(self, value: bytes) -> None:
        """GS ( k: the steps in which a QR code is made."""
        step, data = value[2:4], value[4:]
        qr = self._qr
        if step == b"1C":
            self._qr = msgspec.structs.replace(qr, module=data[0])
        elif step == b"1E":
            self._qr = msgspec.structs.replace(qr, level="LMQH"[max(0, min(3, data[0] - 48))])
        elif step == b"1P" and len(data) <= MOST_QR_BYTES:
            self._qr = msgspec.structs.replace(qr, data=data[1:])
        elif step == b"1Q":
            self._parts.append(msgspec.structs.replace(qr, alignment=self._style.alignment))
        elif step != b"1A":
            self.strange.append(b"\x1d(k" + value[:4])

    def raster(self, value: bytes) -> None:
        width, rows = int.from_bytes(value[1:3], "little"), int.from_bytes(value[3:5], "little")
        self._parts.append(Raster(width_bytes=width, rows=rows, data=value[5:], alignment=self._style.alignment))


def _letter_size(waiting: bytes, wider: str) -> int:
    first = waiting[0]
    if not wider or first < 0x80:
        return 1
    if wider == "utf-8":
        return 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    second = waiting[1] if len(waiting) > 1 else 0x40
    return 4 if 0x30 <= second <= 0x39 else 2


def _bytes(count: int) -> Callable[[bytes], int]:
    return lambda _: count


def _counted(rest: bytes) -> int:
    """A length in two bytes, low one first, and so many more."""
    return 2 + int.from_bytes(rest[:2], "little") if len(rest) >= 2 else 2


def _cut_size(rest: bytes) -> int:
    return 2 if rest[:1] in {b"A", b"B"} else 1


def _raster_size(rest: bytes) -> int:
    if len(rest) < 5:
        return 5
    return 5 + int.from_bytes(rest[1:3], "little") * int.from_bytes(rest[3:5], "little")


_COMMANDS: Final[dict[bytes, tuple[Callable[[bytes], int], Callable[[EscPosReader, bytes], None]]]] = {
    b"\x1b@": (_bytes(0), EscPosReader.reset),
    b"\x1bE": (_bytes(1), EscPosReader.bold),
    b"\x1ba": (_bytes(1), EscPosReader.align),
    b"\x1bt": (_bytes(1), EscPosReader.page),
    b"\x1bd": (_bytes(1), EscPosReader.feed_lines),
    b"\x1bp": (_bytes(3), EscPosReader.kick),
    b"\x1c&": (_bytes(0), EscPosReader.kanji),
    b"\x1c.": (_bytes(0), EscPosReader.no_kanji),
    b"\x1c(C": (_counted, EscPosReader.encoding),
    b"\x1d!": (_bytes(1), EscPosReader.size),
    b"\x1dV": (_cut_size, EscPosReader.cut),
    b"\x1dr": (_bytes(1), EscPosReader.tell),
    b"\x1d(k": (_counted, EscPosReader.symbol),
    b"\x1dv0": (_raster_size, EscPosReader.raster),
}
_COMMAND_BEGINS: Final = frozenset({b"\x1b", b"\x1c", b"\x1d"})
_CONTROLS: Final[dict[bytes, Callable[[EscPosReader], None]]] = {
    b"\n": EscPosReader.end_line,
    b"\r": lambda _: None,
}
