"""A Slip on paper of so many columns: rows of cells that fit, whatever the names of the items are.

Still no device: a row knows where each text stands, counted from the left in cells of one narrow character. Wide
characters (Unicode TR 11) take two cells, combining ones none. Right-to-left slips are the mirror image.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec

from kiosk_server.domain.receipt_layout import Pair, Slip, Text, Weight

LEAST_COLUMNS: Final = 24
_SPACES: Final = dict.fromkeys(map(ord, "\t\n\r\u00a0\u2007\u2009\u202f"), " ")
_DIRECTIONS: Final = frozenset("\u200e\u200f")  # these decide the order of what stands beside them


class Span(msgspec.Struct, frozen=True):
    """A text in logical order, `width` cells wide, beginning at cell `at`. `is_rtl`: it is read from the right."""

    text: str
    at: int
    width: int
    is_rtl: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of paper. With `scale` 2 its characters are twice as wide and high, and half as many fit."""

    spans: tuple[Span, ...] = ()
    scale: int = 1
    is_bold: bool = False


class Code(msgspec.Struct, frozen=True):
    """A QR code in the middle of the paper."""

    text: str


Printed: TypeAlias = Row | Code


def plain(text: str) -> str:
    """The text as a device may have it: one kind of space, and nothing that could be taken for a command."""
    spaced = unicodedata.normalize("NFC", text).translate(_SPACES)
    kept = (c for c in spaced if c in _DIRECTIONS or not unicodedata.category(c).startswith("C"))
    return "".join(kept)


def is_read_from_right(text: str, *, else_: bool) -> bool:
    """Whether its first letter says so (UAX 9 P2, P3); `else_` for a text without letters.

    What the store calls its items stands in its own direction on a slip of the other one, as a `<bdi>` on a page.
    """
    kinds = map(unicodedata.bidirectional, text)
    return next((kind != "L" for kind in kinds if kind in {"L", "R", "AL"}), else_)


def width_of(text: str) -> int:
    """How many cells it takes."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def wrap(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` cells: between words, and within those that are longer than a row."""
    pieces: list[str] = []
    for word in text.split():
        if pieces and width_of(f"{pieces[-1]} {word}") <= width:
            pieces[-1] = f"{pieces[-1]} {word}"
        else:
            pieces += _broken(word, width)
    return pieces or [""]


def _broken(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if width_of(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def typeset(slip: Slip, columns: int) -> tuple[Printed, ...]:
    """The slip from top to bottom. Raises ValueError below LEAST_COLUMNS."""
    if columns < LEAST_COLUMNS:
        raise ValueError(f"a receipt needs at least {LEAST_COLUMNS} columns, not {columns}")
    return tuple(_Page(slip, columns).printed())


class _Page:
    def __init__(self, slip: Slip, columns: int) -> None:
        self.slip = slip
        self.columns = columns

    def printed(self) -> Iterator[Printed]:
        slip = self.slip
        yield from self._texts((*slip.head, *slip.marks))
        yield self._rule()
        yield from self._pairs(slip.lines)
        yield self._rule()
        yield from self._pairs(slip.sums)
        if slip.taxes:
            yield self._rule()
            yield from self._pairs(slip.taxes)
        yield self._rule()
        yield from self._texts((*slip.meta, *slip.foot))
        if slip.link:
            yield Row()
            yield Code(slip.link)
            yield from self._texts((Text(text=slip.hint, weight=Weight.QUIET),))
        # Told at both ends: half of a torn slip must not pass for the first one.
        yield from self._texts(slip.marks)

    def _rule(self) -> Row:
        return Row(spans=(Span("-" * self.columns, 0, self.columns),))

    def _texts(self, texts: tuple[Text, ...]) -> Iterator[Row]:
        for text in texts:
            is_loud = text.weight in {Weight.TITLE, Weight.ALARM}
            scale = 2 if is_loud else 1
            is_rtl = is_read_from_right(text.text, else_=self.slip.is_rtl)
            for piece in wrap(plain(text.text), self.columns // scale):
                width = width_of(piece)
                at = (self.columns // scale - width) // 2
                yield Row(spans=(Span(piece, at, width, is_rtl),), scale=scale, is_bold=is_loud)

    def _pairs(self, pairs: tuple[Pair, ...]) -> Iterator[Row]:
        for pair in pairs:
            yield from self._pair(pair)

    def _pair(self, pair: Pair) -> Iterator[Row]:
        scale = 2 if pair.is_total else 1
        columns = self.columns // scale
        indent = 2 if pair.is_part else 0
        end = plain(pair.end).strip()
        end_width = width_of(end)
        room = columns - indent - (end_width + 1 if end else 0)
        # An amount that leaves hardly any room stands alone, below its text.
        is_below = room < columns // 3
        starts = wrap(plain(pair.start), columns - indent if is_below else room)
        start_rtl, end_rtl = (is_read_from_right(text, else_=self.slip.is_rtl) for text in (pair.start, end))
        rows = [[Span(piece, indent, width_of(piece), start_rtl)] for piece in starts]
        if is_below:
            ends = wrap(end, columns)
            rows += [[Span(piece, columns - width_of(piece), width_of(piece), end_rtl)] for piece in ends]
        elif end:
            rows[-1].append(Span(end, columns - end_width, end_width, end_rtl))
        for spans in rows:
            yield Row(spans=tuple(self._placed(span, columns) for span in spans), scale=scale, is_bold=pair.is_total)

    def _placed(self, span: Span, columns: int) -> Span:
        at = columns - span.at - span.width
        return msgspec.structs.replace(span, at=at) if self.slip.is_rtl else span
