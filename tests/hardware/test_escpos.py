"""What leaves for a printer, read back by one: letters of all languages, looks, codes, and bytes that nobody meant."""

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.typesetting import Code, Printed, Row, Span, is_read_from_right, width_of
from kiosk_server.hardware.escpos import CODE_PAGES, FEED_AND_CUT, INIT, OPEN_DRAWER, encode
from kiosk_server.hardware.escpos_reader import MOST_WAITING, EscPosReader, Line, Paper, Qr, Raster
from kiosk_server.hardware.paper_svg import as_svg
from kiosk_server.hardware.printer import Letters

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = 42


class Reading:
    """A reader, what it put out and what it answered."""

    def __init__(self, columns: int = COLUMNS) -> None:
        self.papers: list[Paper] = []
        self.said: list[bytes] = []
        self.reader = EscPosReader(columns, self.papers.append, self.said.append)

    def paper(self, data: bytes) -> Paper:
        self.reader.feed(data)
        assert self.reader.strange == []
        return self.papers[-1]


def a_row(text: str, at: int = 0, **look: object) -> Row:
    is_rtl = is_read_from_right(text, else_=False)
    return Row(spans=(Span(text, at, width_of(text), is_rtl),), **look)  # type: ignore[arg-type]


def printed(*rows: Printed, letters: Letters = Letters.PAGES, is_rtl: bool = False) -> Paper:
    return Reading().paper(encode(rows, is_rtl=is_rtl, letters=letters))


@pytest.mark.parametrize(
    "text",
    [
        "Total €12.50",
        "Müller & Söhne, Straße",
        "Crème brûlée, œufs",
        "Ñandú ¿qué? ¡sí!",
        "Żubrówka Łódź",
        "Привет",
        "Ωμέγα",
    ],
)
def test_letters_of_europe_come_out_as_they_are(text: str) -> None:
    assert printed(a_row(text)).lines == [text]


@pytest.mark.parametrize(("text", "seen"), [("smile ☺ 🙂", "smile ? ??"), ("№ 5", "№ 5"), ("ī ș ṽ", "i s v")])
def test_letter_that_no_page_has_becomes_a_simpler_one_or_a_question_mark(text: str, seen: str) -> None:
    assert printed(a_row(text)).lines == [seen]


@pytest.mark.parametrize("letters", [Letters.UTF_8, Letters.GB18030])
def test_chinese_comes_out_where_the_printer_can_be_told(letters: Letters) -> None:
    text = "北京烤鸭 (半只) Ente €9.90"
    (line,) = [part for part in printed(a_row(text), letters=letters).parts if isinstance(part, Line)]
    assert line.text == text
    assert sum(run.cells for run in line.runs) == width_of(text), "wide letters take two cells"


def test_chinese_is_marked_as_unsaid_where_it_cannot() -> None:
    assert printed(a_row("烤鸭 x")).lines == ["???? x"], "the row stays as wide as it was set"


def logical(shown: str) -> str:
    """What a reader of Arabic reads: letters without their forms, from the right."""
    return unicodedata.normalize("NFKC", shown[::-1])


@pytest.mark.parametrize("text", ["المجموع", "خبز عربي طازج", "شكرًا لكم", "لا إله"])
def test_arabic_is_joined_and_runs_from_the_right(text: str) -> None:
    shown = printed(a_row(text), is_rtl=True).lines[0].strip()
    bare = "".join(c for c in text if not unicodedata.combining(c))
    # cp864 lacks some joined forms and hamzas; what stands for them has the same bare letters.
    assert _bare(logical(shown)) == _bare(bare)
    assert all("ARABIC LETTER" not in unicodedata.name(c) or 0xFE70 <= ord(c) <= 0xFEFF for c in shown if c != " ")


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def test_own_name_keeps_its_direction_on_a_slip_of_the_other() -> None:
    assert printed(a_row("Café <br> & 10 %"), is_rtl=True).lines == ["Café <br> & 10 %"]


def test_looks_and_places_are_those_that_were_set() -> None:
    spans = (Span("left", 0, 4), Span("9.99", 38, 4))
    paper = printed(a_row("Big", scale=2, is_bold=True), Row(spans=spans))
    big, pair = (part for part in paper.parts if isinstance(part, Line))
    assert (big.runs[0].wide, big.runs[0].high, big.runs[0].is_bold) == (2, 2, True)
    assert (big.runs[0].cells, big.dots) == (6, 68)
    assert pair.text == "left" + " " * 34 + "9.99"
    assert not pair.runs[0].is_bold


def test_qr_code_carries_the_link_in_the_middle() -> None:
    link = "http://192.168.1.10:8080/r/1042.Jq3xTz9wLk0c5VnY7bRd2A"
    (code,) = [part for part in printed(Code(link), a_row("x")).parts if isinstance(part, Qr)]
    assert (code.data.decode(), code.alignment, code.level) == (link, 1, "M")


def test_job_is_answered_in_its_turn_and_ends_with_a_cut() -> None:
    reading = Reading()
    data = encode([a_row("one")], is_rtl=False)
    reading.reader.feed(data[:-1])
    assert reading.said == []
    reading.reader.feed(data[-1:])
    assert reading.said == [b"\x00"]
    assert reading.papers[0].is_cut
    assert reading.reader.unfinished is None


@given(cuts=st.lists(st.integers(1, 400), max_size=40))
def test_pieces_in_which_a_job_arrives_change_nothing(cuts: list[int]) -> None:
    job = encode(
        [a_row("Größe 北京 ﺝ €"), Code("http://x/r/1.x"), a_row("b", scale=2)], is_rtl=False, letters=Letters.UTF_8
    )
    whole = Reading().paper(job)
    reading, at = Reading(), 0
    for size in cuts:
        reading.reader.feed(job[at : at + size])
        at += size
    assert reading.paper(job[at:]) == whole


@given(st.binary(max_size=600))
def test_any_bytes_at_all_end_as_a_picture(data: bytes) -> None:
    reading = Reading()
    reading.reader.feed(data)
    reading.reader.feed(b"\x00" * 8 + FEED_AND_CUT)
    reading.reader.tear()
    ET.fromstring(as_svg(reading.papers, COLUMNS, name="<&>"))


def test_command_that_nobody_knows_is_remembered() -> None:
    reading = Reading()
    reading.reader.feed(INIT + b"\x1bZhello\n" + b"\x1bt\xff")
    assert [strange[:2] for strange in reading.reader.strange] == [b"\x1bZ", b"\x1bt"]


def test_endless_picture_is_given_up() -> None:
    reading = Reading()
    for _ in range(MOST_WAITING // 4096 + 2):
        reading.reader.feed(b"\x1dv0\x00\xff\xff\xff\xff" if not reading.reader.strange else b"")
        reading.reader.feed(bytes(4096))
    assert reading.reader.strange
    assert reading.reader.rows == 0


def test_row_that_is_too_long_goes_on_in_the_next() -> None:
    reading = Reading(columns=24)
    paper = reading.paper(b"x" * 30 + b"\n" + FEED_AND_CUT)
    assert paper.lines == ["x" * 24, "x" * 6]


def test_picture_and_drawer_are_understood() -> None:
    reading = Reading()
    paper = reading.paper(b"\x1ba\x01\x1dv0\x00\x02\x00\x02\x00\xf0\x0f\x00\xff" + OPEN_DRAWER + FEED_AND_CUT)
    assert paper.parts == (Raster(width_bytes=2, rows=2, data=b"\xf0\x0f\x00\xff", alignment=1),)
    assert reading.reader.kicks == 1
    assert "h4" in as_svg([paper], COLUMNS, name="x"), "four black dots side by side"


def test_roll_is_a_picture_that_says_what_was_printed() -> None:
    papers = [printed(a_row("first <b>")), printed(a_row("second €", is_bold=True), Code("http://x/r/1.x"))]
    picture = ET.fromstring(as_svg(papers, COLUMNS, name="Front & centre"))
    assert picture.findtext(f"{SVG}title") == "Front & centre"
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["first", "<b>", "second", "€"]
    allowed = {f"{SVG}{name}" for name in ("svg", "title", "g", "path", "text")}
    assert {element.tag for element in picture.iter()} <= allowed, "no script, style or reference: the policy is strict"
    assert not any("href" in name or name in {"style", "onload"} for e in picture.iter() for name in e.attrib)


def test_every_code_page_is_one_that_python_knows() -> None:
    for codec in CODE_PAGES.values():
        assert b"A".decode(codec) == "A"
