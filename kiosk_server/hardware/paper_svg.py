"""Papers of a virtual printer as one SVG: what a person would hold in the hand, the newest on top.

The picture needs nothing but itself: no script, no style sheet, no font of ours, so that the strictest policy shows it.
What stands in it is text and can be read by machines; widths are those of the printer's cells, not of the font.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

import segno

from kiosk_server.hardware.escpos_reader import (
    DOTS_A_CELL,
    USUAL_LINE_DOTS,
    Line,
    Paper,
    Part,
    Qr,
    Raster,
    Run,
    width_of,
)

MARGIN: Final = 28
GAP: Final = 48
FONT_DOTS: Final = 21
INK: Final = "#1c1c1c"
FONTS: Final = "DejaVu Sans Mono, Liberation Mono, Noto Sans Mono, Menlo, Consolas, monospace"


def as_svg(papers: Sequence[Paper], columns: int, *, name: str) -> str:
    """The papers below each other, in the order given. `name` is what the picture is called."""
    width = columns * DOTS_A_CELL + 2 * MARGIN
    drawn, top = [], 0
    for paper in papers:
        height = 2 * MARGIN + sum(map(_height, paper.parts))
        look = f'font-family="{FONTS}" fill="{INK}" direction="ltr"'
        inside = f"{_sheet(paper, width, height)}{_print(paper, columns)}"
        drawn.append(f'<g transform="translate(0 {top})" {look}>{inside}</g>')
        top += height + GAP
    height = max(top - GAP, 2 * MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(name)}</title>{"".join(drawn)}</svg>'
    )


def _sheet(paper: Paper, width: int, height: int) -> str:
    """The paper itself: a straight edge where it was cut, a ragged one where it still hangs in the printer."""
    end = f"L{width} {height}L0 {height}" if paper.is_cut else f"L{width} {height}{_teeth(width, height)}"
    return f'<path d="M0 0L{width} 0{end}Z" fill="#fffdf8" stroke="#d8d4c8"/>'


def _teeth(width: int, height: int) -> str:
    return "".join(f"L{x} {height - (8 if n % 2 else 0)}" for n, x in enumerate(range(width, -1, -8)))


def _print(paper: Paper, columns: int) -> str:
    shown, top = [], MARGIN
    for part in paper.parts:
        shown.append("".join(_part(part, top, columns)))
        top += _height(part)
    return "".join(shown)


def _height(part: Part) -> int:
    if isinstance(part, Line):
        return part.dots
    if isinstance(part, Raster):
        return part.rows
    return len(_matrix(part)) * part.module + USUAL_LINE_DOTS // 2


def _part(part: Part, top: int, columns: int) -> Iterator[str]:
    if isinstance(part, Line):
        for run in part.runs:
            yield from _words(run, top + part.dots * 3 // 4)
        return
    if isinstance(part, Qr):
        matrix = _matrix(part)
        left = _left(len(matrix) * part.module, part.alignment, columns)
        yield _squares([bytes(row) for row in matrix], left, top, part.module)
        return
    bits = [_bits(part.data[row * part.width_bytes : (row + 1) * part.width_bytes]) for row in range(part.rows)]
    yield _squares(bits, _left(part.width_bytes * 8, part.alignment, columns), top, 1)


def _left(width: int, alignment: int, columns: int) -> int:
    return MARGIN + (columns * DOTS_A_CELL - width) * alignment // 2


def _words(run: Run, base: int) -> Iterator[str]:
    """Each word on its own, stretched over its cells. Its letters are in the order of the paper already."""
    cell = DOTS_A_CELL * run.wide
    at = run.at * DOTS_A_CELL
    weight = ' font-weight="700"' if run.is_bold else ""
    for is_gap, letters in groupby(run.text, str.isspace):
        word = "".join(letters)
        width = width_of(word) * cell
        if not is_gap:
            yield (
                f'<text x="{MARGIN + at}" y="{base}" textLength="{width}" lengthAdjust="spacingAndGlyphs" '
                f'unicode-bidi="bidi-override" font-size="{FONT_DOTS * run.high}"{weight}>{escape(word)}</text>'
            )
        at += width


def _matrix(code: Qr) -> list[bytearray]:
    made = segno.make(code.data or b" ", error=code.level.lower(), micro=False, boost_error=False)
    return [bytearray(row) for row in made.matrix]


def _bits(row: bytes) -> bytes:
    return bytes(byte >> shift & 1 for byte in row for shift in range(7, -1, -1))


def _squares(rows: Sequence[bytes], left: int, top: int, size: int) -> str:
    """Black where a row is 1, runs joined so that no seam shows."""
    drawn = []
    for y, row in enumerate(rows):
        x = 0
        for is_black, run in groupby(row):
            length = len(list(run))
            if is_black:
                drawn.append(f"M{left + x * size} {top + y * size}h{length * size}v{size}h-{length * size}z")
            x += length
    return f'<path d="{"".join(drawn)}" shape-rendering="crispEdges"/>'
