"""Files as they come from spreadsheets and wholesalers: what is read, what is refused, and with which words."""

import pytest

from kiosk_server.config import samples_dir
from kiosk_server.domain.catalog import Bagging
from kiosk_server.edge.catalog_file import Reading, Rules, read_catalog
from kiosk_server.edge.catalog_text import UnreadableFile

RULES = Rules(tax_rates_bp={"standard": 1900, "reduced": 700, "zero": 0})
HEAD = "barcode,name,price,tax,category\n"
MILK = "4006381333931"


def read(text: str | bytes, rules: Rules = RULES) -> Reading:
    return read_catalog(text if isinstance(text, bytes) else text.encode(), rules)


def only_reason(text: str | bytes) -> str:
    (refused,) = read(text).refused
    return refused.reason


def test_reader_takes_columns_in_any_order_and_language() -> None:
    (item,) = read("Bezeichnung;Preis;EAN;MwSt;Warengruppe\nMilch;1,29;4006381333931;7 %;Molkerei\n").items

    assert (item.item_id, item.name, item.price_cents, item.tax_class, item.category) == (
        MILK,
        "Milch",
        129,
        "reduced",
        "Molkerei",
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_reader_tells_encodings_apart(codec: str) -> None:
    text = HEAD + f"{MILK},Crème brûlée 4 x 100 g,2.99,,Kühlregal\n"

    (item,) = read(text.encode(codec)).items

    assert (item.name, item.category) == ("Crème brûlée 4 x 100 g", "Kühlregal")


def test_broken_bytes_in_a_utf8_file_cost_only_their_row() -> None:
    good = "".join(f"20000000{n:04d},Żółć,,,\n" for n in range(20))
    data = (HEAD + good).encode() + b"4006381333931,Caf\xe9,1.00,,\n"

    reading = read(data)

    assert reading.sheet.encoding == "utf-8"
    assert reading.refused[-1].reason == "the name holds the byte 0xE9, which is not UTF-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_reader_finds_the_delimiter(delimiter: str) -> None:
    text = delimiter.join(["barcode", "name", "price"]) + "\r\n" + delimiter.join([MILK, '"Milk; a, b"', "2"]) + "\r\n"

    (item,) = read(text).items

    assert (item.name, item.price_cents) == ("Milk; a, b", 200)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1.99", 199),
        ("1,99", 199),
        ("2", 200),
        ("€ 1,99", 199),
        ("1.99 EUR", 199),
        ("$5", 500),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1'234.50", 123450),
        ("12 345,00", 1234500),
        ("", None),
    ],
)
def test_reader_reads_prices_as_people_write_them(written: str, cents: int | None) -> None:
    (item,) = read(f'{HEAD}{MILK},Milk,"{written}",,\n').items

    assert item.price_cents == cents


@pytest.mark.parametrize("written", ["1,234", "1.234", "-1", "1.999", "free", "1e3", "0", "0,00", "99999999999", "٣"])
def test_reader_refuses_prices_that_would_be_a_guess(written: str) -> None:
    assert "price" in only_reason(f'{HEAD}{MILK},Milk,"{written}",,\n')


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("4006381333932,Milk,,,", "4006381333932: wrong check digit 2; by the other digits it would be 1"),
        ("12345678901,Milk,,,", "'12345678901' (11 digits) is no barcode"),
        ("47,Milk,,,", "too short for a barcode"),
        (",Milk,,,", "no barcode"),
        ("4.00638E+12,Milk,,,", "a spreadsheet has rounded this barcode"),
        ("0000000000000,Milk,,,", "is no barcode"),
        ("9" * 600 + ",Milk,,,", "the barcode has 600 characters"),
        (f"{MILK},,,,", "no name"),
        (f"{MILK},{'x' * 201},,,", "the name has 201 characters; 200 are possible"),
        (f"{MILK},Mi\x07lk,,,", "invisible character U+0007"),
        (f"{MILK},Mi\u202elk,,,", "invisible character U+202E"),
        (f'{MILK},"Milk\nwhole",,,', "goes over several lines"),
        (f"{MILK},Milk,,luxury,", "tax 'luxury' is none of this store's classes"),
        (f"{MILK},Milk,,,{'c' * 65}", "the category has 65 characters"),
    ],
)
def test_reader_refuses_a_bad_row_with_its_reason(row: str, reason: str) -> None:
    assert reason in only_reason(HEAD + row + "\n")


def test_reader_takes_the_first_of_two_rows_with_one_barcode() -> None:
    reading = read(f"{HEAD}{MILK},Milk,1.00,,\n\n0{MILK},Other,2.00,,\n")

    assert [item.name for item in reading.items] == ["Milk"]
    (refused,) = reading.refused
    assert (refused.line, refused.reason) == (4, "duplicate: line 2 has the same barcode; that one was taken")


def test_line_numbers_count_lines_of_the_file_not_rows() -> None:
    reading = read(f'sep=,\r\n{HEAD}\r\n{MILK},"a\r\nb",,,\r\n123,x,,,\r\n')

    assert [row.line for row in reading.refused] == [4, 6]


def test_unclosed_quote_is_named() -> None:
    reading = read(f'{HEAD}{MILK},"Milk,1.00,,\n' + "4006381333931,Milk,1.00,,\n" * 600)

    assert "quotation mark" in reading.refused[0].reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"4006381333931,Milk\n", "names no column for barcode and name"),
        (b"barcode,price\n", "no column for name"),
        (b"barcode,name\n4006381333931,Mi\x00lk" + b" " * 200, "no column"),
    ],
)
def test_file_that_is_no_catalog_is_refused_whole(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(data)


def test_mended_file_of_refusals_can_be_read_again() -> None:
    (item,) = read(f"line,reason,barcode,name\n7,no name,{MILK},Milk\n").items

    assert item.name == "Milk"


def test_default_price_is_given_to_items_without_one() -> None:
    items = read(
        f"barcode,name,price\n{MILK},Milk,\n2000000000077,Bread,3\n",
        Rules(tax_rates_bp=RULES.tax_rates_bp, default_price_cents=100),
    ).items

    assert [item.price_cents for item in items] == [100, 300]


def test_demo_catalog_holds_150_items_with_in_store_codes() -> None:
    reading = read((samples_dir() / "demo" / "catalog.csv").read_bytes())

    assert not reading.refused
    assert len({item.name for item in reading.items}) == 150
    assert all(20 <= int(item.item_id[:2]) <= 29 and item.price_cents for item in reading.items)


def test_demo_goods_of_lanes_hold_one_of_each_sort() -> None:
    reading = read((samples_dir() / "demo" / "lane.csv").read_bytes())

    assert not reading.refused
    goods = reading.items
    assert sum(item.price_per_kg_cents is not None for item in goods) > 30
    assert {item.minimum_age for item in goods} == {None, 16, 18}
    assert {item.bagging for item in goods} == set(Bagging)
    assert [item.name for item in goods if item.is_withdrawn] == ["Smoked salmon 200 g (recalled)"]
    assert any(item.max_quantity for item in goods)
    assert any(item.deposit_cents for item in goods)


WHOLE_ROW = (
    "barcode,name,preis_kg,pfand,mindestalter,max_per_basket,weight_g,tare_g,withdrawn,bagging,picture_file\n"
    "4015,Apples,2.99,0.15,18+,6,150 g,5,yes,light,apples.png\n"
)


def test_every_field_of_an_item_has_its_column() -> None:
    (item,) = read(WHOLE_ROW).items
    assert (item.price_cents, item.price_per_kg_cents, item.deposit_cents) == (None, 299, 15)
    assert (item.minimum_age, item.max_quantity, item.weight_g, item.tare_g) == (18, 6, 150, 5)
    assert (item.is_withdrawn, item.bagging, item.picture) == (True, Bagging.LIGHT, "apples.png")


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("2.99", "free", "price"),
        ("18+", "adult", "whole number"),
        ("18+", "180", "between 1 and 99"),
        ("150 g", "1.5 kg", "whole number"),
        ("yes", "perhaps", "neither yes nor no"),
        ("light", "tiny", "weighed, light, bulky"),
        ("apples.png", "../store.db", "plain file name"),
        ("apples.png", "https://example.com/a.png", "plain file name"),
        ("apples.png", "apples.svg", "plain file name"),
    ],
)
def test_row_with_a_wrong_field_says_which(good: str, bad: str, says: str) -> None:
    (row,) = read(WHOLE_ROW.replace(good, bad)).refused
    assert says in row.reason


def test_default_price_is_not_for_what_is_sold_by_weight() -> None:
    rules = Rules(tax_rates_bp=RULES.tax_rates_bp, default_price_cents=100)
    reading = read("barcode,name,price_per_kg\n4015,Apples,2.99\n4011,Bananas,\n", rules)
    assert [(item.price_cents, item.price_per_kg_cents) for item in reading.items] == [(None, 299), (100, None)]
    assert read("barcode,name,price_per_kg\n4015,Apples,2.99\n").unpriced == 0
