"""ESC/POS, as network receipt printers speak it: our encoder, and the bytes that ask how a printer is.

Source: Epson's ESC/POS command reference; only commands that its TM printers share with their many relatives. Text is
sent in the printer's own code pages, which all of them have. What none of those can say, Chinese, say, goes out in the
encoding that the printer's address names (`letters`, printer.py), and as `?` where it names none.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

from kiosk_server.domain.typesetting import Code, Printed, Row
from kiosk_server.hardware.printer import Letters
from kiosk_server.hardware.visual_order import FORMS, SIMPLER, joined, visual

INIT: Final = b"\x1b@"
NO_KANJI: Final = b"\x1c."  # models for Asian markets start with two-byte characters on
BOLD: Final = (b"\x1bE\x00", b"\x1bE\x01")
SIZE: Final = MappingProxyType({1: b"\x1d!\x00", 2: b"\x1d!\x11"})
TO_LEFT, TO_MIDDLE = b"\x1ba\x00", b"\x1ba\x01"
FEED_AND_CUT: Final = b"\x1dVB\x03"
OPEN_DRAWER: Final = b"\x1bp\x00\x19\xfa"
"""A pulse of 50 ms on pin 2, 500 ms pause."""

ASK_OFFLINE_CAUSE: Final = b"\x10\x04\x02"
ASK_PAPER: Final = b"\x10\x04\x04"
"""Real-time: answered at once, also by a printer that stands still (DLE EOT 2 and 4)."""

CLEAR_BUFFER: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""Real-time (DLE DC4 8): forget what was not printed yet, or it would come out once paper is back."""

ASK_WHEN_DONE: Final = b"\x1dr\x01"
"""GS r 1: answered in its turn, when everything before it has been printed."""

QR_MODULE: Final = 5
CODE_PAGES: Final[Mapping[int, str]] = MappingProxyType(
    {19: "cp858", 16: "cp1252", 0: "cp437", 2: "cp850", 18: "cp852", 17: "cp866", 14: "cp737", 13: "cp857", 37: "cp864"}
)
"""ESC t n -> Python's codec, in the order in which they are tried. 37 has the joined forms of Arabic."""

WIDER: Final[Mapping[Letters, tuple[bytes, bytes]]] = MappingProxyType(
    {
        Letters.UTF_8: (b"\x1c(C\x02\x000\x02", b"\x1c(C\x02\x000\x01"),
        Letters.GB18030: (b"\x1c&", NO_KANJI),
    }
)
"""How an encoding beyond the code pages begins and ends: FS ( C 48 of newer Epsons; FS & and FS . of Chinese models."""


def encode(printed: Sequence[Printed], *, is_rtl: bool, letters: Letters = Letters.PAGES) -> bytes:
    """A whole job: from a known state to the cut, and the question whether it is done."""
    parts = [_code(part) if isinstance(part, Code) else _row(part, letters, is_rtl=is_rtl) for part in printed]
    return b"".join([INIT, NO_KANJI, *parts, FEED_AND_CUT, ASK_WHEN_DONE])


def _row(row: Row, letters: Letters, *, is_rtl: bool) -> bytes:
    line = ""
    for span in sorted(row.spans, key=lambda span: span.at):
        shown = visual(joined(span.text), is_rtl=span.is_rtl)
        # Joining may have made one letter of two: the rest of the cells is filled on the side away from the edge.
        line = _padded(line, span.at)
        line += _filled(shown, span.width, is_rtl=is_rtl)
    return SIZE[row.scale] + BOLD[row.is_bold] + b"".join(_said(line.rstrip(" "), letters)) + b"\n"


def _padded(line: str, cells: int) -> str:
    return line + " " * (cells - _cells(line))


def _filled(text: str, cells: int, *, is_rtl: bool) -> str:
    gap = " " * (cells - _cells(text))
    return gap + text if is_rtl else text + gap


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text)


def _said(text: str, letters: Letters) -> Iterator[bytes]:
    """The bytes of a line, with a change of code page or encoding wherever the one before cannot say what follows."""
    page = -1
    for is_wider, run in groupby(unicodedata.normalize("NFC", text), lambda c: _needs_more(c, letters)):
        if is_wider:
            begins, ends = WIDER[letters]
            yield begins + "".join(run).encode(letters) + ends
            continue
        for character in run:
            chosen, said = _in_pages(character, page)
            if chosen != page:
                yield b"\x1bt" + bytes([chosen])
                page = chosen
            yield said


def _needs_more(character: str, letters: Letters) -> bool:
    if letters not in WIDER or _find_page(character, -1) is not None:
        return False
    # Of GB18030, printers have the two-byte part.
    return letters is not Letters.GB18030 or len(character.encode(letters)) == 2


def _in_pages(character: str, current: int) -> tuple[int, bytes]:
    found = _find_page(character, current)
    if found is not None:
        return found
    return (current if current in CODE_PAGES else next(iter(CODE_PAGES))), b"?" * max(1, _cells(character))


def _find_page(character: str, current: int) -> tuple[int, bytes] | None:
    for candidate in _candidates(character):
        for number in ([current] if current in CODE_PAGES else []) + list(CODE_PAGES):
            said = _try(candidate, CODE_PAGES[number])
            if said is not None:
                return number, said
    return None


def _try(character: str, codec: str) -> bytes | None:
    # Below 0x20 lie commands, and cp437's pictures of them; 0x25 is a percent sign in all pages but the Arabic one.
    try:
        said = character.encode(codec)
    except UnicodeEncodeError:
        return None
    return said if len(said) == 1 and said[0] >= 0x20 else None


def _candidates(character: str) -> Iterator[str]:
    """The character, then simpler ones that read alike."""
    yield character
    while character in SIMPLER:
        character = SIMPLER[character]
        yield character
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    yield from FORMS.get(bare, {}).values()
    for plainer in (unicodedata.normalize("NFKC", character), unicodedata.normalize("NFKD", character)[:1]):
        if len(plainer) == 1 and plainer.isprintable():
            yield plainer


def _code(code: Code) -> bytes:
    """A QR code, model 2, level M, in the middle (GS ( k)."""
    data = code.text.encode()
    return b"".join(
        [
            TO_MIDDLE,
            _symbol(b"\x41\x32\x00"),
            _symbol(b"\x43" + bytes([QR_MODULE])),
            _symbol(b"\x45\x31"),
            _symbol(b"\x50\x30" + data),
            _symbol(b"\x51\x30"),
            TO_LEFT,
        ]
    )


def _symbol(parameters: bytes) -> bytes:
    body = b"\x31" + parameters
    return b"\x1d(k" + len(body).to_bytes(2, "little") + body
