"""Text for devices that print one cell after the other: Arabic letters joined, and all of it in visual order.

`joined` picks the form each letter has between its neighbours (Unicode's presentation forms); `visual` orders a line
as UAX 9 does without embeddings, which the words of a receipt never have: rules W1 to W7, N1, N2, L1, L2 and L4.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final

ISOLATED, FINAL, INITIAL, MEDIAL = "isolated", "final", "initial", "medial"
TATWEEL: Final = "\u0640"
_MIRRORED: Final = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))
_NUMBERS: Final = frozenset({"EN", "AN"})
_NEUTRAL: Final = frozenset({"B", "S", "WS", "ON", "BN", "ES", "ET", "CS", "LRE", "RLE", "PDF", "LRI", "RLI", "PDI"})


def _presentation_forms() -> dict[str, dict[str, str]]:
    """Letter (or lam-alef) -> form -> the character for it, from Unicode's own decompositions."""
    found: dict[str, dict[str, str]] = {}
    for code in range(0xFE70, 0xFEFD):
        form, _, points = unicodedata.decomposition(chr(code)).partition("> ")
        letters = "".join(chr(int(point, 16)) for point in points.split())
        if letters and not letters.startswith(" ") and TATWEEL not in letters:
            found.setdefault(letters, {})[form.removeprefix("<")] = chr(code)
    return found


FORMS: Final = _presentation_forms()
SIMPLER: Final = {
    forms[form]: forms[plainer]
    for forms in FORMS.values()
    for form, plainer in ((MEDIAL, INITIAL), (INITIAL, ISOLATED), (FINAL, ISOLATED))
    if form in forms and plainer in forms
}
"""A form -> the one that a device without it prints instead."""


def joined(text: str) -> str:
    """The text with every Arabic letter in its form; vowel signs, which a printer cannot place, are left out."""
    units = list(_units(text))
    shaped = []
    for index, unit in enumerate(units):
        is_after = index > 0 and _joins_on(units[index - 1]) and _joins_back(unit)
        is_before = index + 1 < len(units) and _joins_on(unit) and _joins_back(units[index + 1])
        form = {(0, 0): ISOLATED, (1, 0): FINAL, (0, 1): INITIAL, (1, 1): MEDIAL}[is_after, is_before]
        shaped.append(FORMS.get(unit, {}).get(form, unit))
    return "".join(shaped)


def _units(text: str) -> Iterator[str]:
    letters = [c for c in text if unicodedata.category(c) not in {"Mn", "Me"}]
    position = 0
    while position < len(letters):
        pair = "".join(letters[position : position + 2])
        size = 2 if len(pair) == 2 and pair in FORMS else 1
        yield pair[:size]
        position += size


def _joins_on(unit: str) -> bool:
    return unit == TATWEEL or INITIAL in FORMS.get(unit, {})


def _joins_back(unit: str) -> bool:
    return unit == TATWEEL or FINAL in FORMS.get(unit, {})


def visual(text: str, *, is_rtl: bool) -> str:
    """The characters of one line from left to right as they are seen, in a paragraph of this direction."""
    if text.isascii() and not is_rtl:
        return text
    cells = list(zip(text, _levels(text, 1 if is_rtl else 0), strict=True))
    for least in range(max((level for _, level in cells), default=0), 0, -1):
        cells = list(_turned(cells, least))
    shown = (_MIRRORED.get(c, c) if level % 2 else c for c, level in cells)
    return "".join(c for c in shown if unicodedata.category(c) != "Cf")


def _turned(cells: list[tuple[str, int]], least: int) -> Iterator[tuple[str, int]]:
    """L2 for one level: what lies as deep or deeper is turned round."""
    run: list[tuple[str, int]] = []
    for cell in cells:
        if cell[1] >= least:
            run.append(cell)
            continue
        yield from reversed(run)
        run.clear()
        yield cell
    yield from reversed(run)


def _levels(text: str, base: int) -> list[int]:
    kinds = _resolved(text, base)
    even = {"L": 0, "R": 1, "EN": 2, "AN": 2}
    odd = {"L": 2, "R": 1, "EN": 2, "AN": 2}
    levels = [(odd if base else even)[kind] for kind in kinds]
    # L1: spaces at the end of the line belong to the paragraph.
    for index in range(len(text) - 1, -1, -1):
        if not text[index].isspace():
            break
        levels[index] = base
    return levels


def _resolved(text: str, base: int) -> list[str]:
    """Each character as L, R, EN or AN."""
    edge = "R" if base else "L"
    kinds = _weak([unicodedata.bidirectional(c) or "L" for c in text], edge)
    resolved: list[str] = []
    position = 0
    for is_neutral, run in groupby(kinds, lambda kind: kind in _NEUTRAL):
        length = len(list(run))
        if is_neutral:
            before = _side(kinds[position - 1]) if position else edge
            after = _side(kinds[position + length]) if position + length < len(kinds) else edge
            resolved += [before if before == after else edge] * length  # N1, N2
        else:
            resolved += kinds[position : position + length]
        position += length
    return resolved


def _side(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind


def _weak(kinds: list[str], edge: str) -> list[str]:
    """W1 to W7."""
    strong = previous = edge
    for index, kind in enumerate(kinds):
        here = previous if kind == "NSM" else kind
        if here in {"L", "R", "AL"}:
            strong = here
        kinds[index] = previous = "AN" if here == "EN" and strong == "AL" else here
    for index in range(1, len(kinds) - 1):
        before, here, after = kinds[index - 1 : index + 2]
        if before == after and ((here == "CS" and before in _NUMBERS) or (here == "ES" and before == "EN")):
            kinds[index] = before
    _join_terminators(kinds)
    strong = edge
    for index, kind in enumerate(kinds):
        if kind in {"L", "R", "AL"}:
            strong = kind
        if kind == "EN" and strong == "L":
            kinds[index] = "L"
        elif kind == "AL":
            kinds[index] = "R"
    return kinds


def _join_terminators(kinds: list[str]) -> None:
    """W5: a currency or percent sign beside a European number belongs to it."""
    position = 0
    for kind, run in groupby(list(kinds)):
        length = len(list(run))
        neighbours = kinds[max(0, position - 1) : position] + kinds[position + length : position + length + 1]
        if kind == "ET" and "EN" in neighbours:
            kinds[position : position + length] = ["EN"] * length
        position += length
