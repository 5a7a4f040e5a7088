"""What somebody types finds what they mean: in any script, with or without accents, part of a name or of a code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import a_fuel, a_menu_item, an_item
from shop import Shop

from kiosk_server.domain.catalog import ItemKind
from kiosk_server.store.queries import search_items

ITEMS = (
    an_item("4006381333931", name="Crème fraîche"),
    an_item("creme", name="Creme brulee", price_cents=None),
    an_item("kase", name="Käse Gouda jung"),
    an_item("strasse", name="Straßenkuchen"),
    an_item("milk", name="Fresh whole milk 3.5 %"),
    an_item("milkshake", name="Milkshake"),
    an_item("buttermilk", name="Organic Buttermilk"),
    an_item("7up", name="7-Up zero"),
    an_item("mian", name="全麦面包"),
    an_item("pan", name="食パン 6枚"),
    an_item("khubz", name="خُبْز عربي"),
    an_item("ekmek", name="İstanbul Ekmek"),
    an_item("bananas", name="Bananas", code="4011"),
    a_menu_item("shake", name="Vanilla shake"),
    a_fuel("diesel"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(Path(tmp_path_factory.mktemp("search")))
    shop.stocks(ITEMS)
    yield shop
    shop.closes()


def found(house: Shop, text: str, limit: int = 20, kind: ItemKind | None = None) -> list[str]:
    with house.database.read() as conn:
        return [item.item_id for item in search_items(conn, text, limit, kind)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("creme f", "4006381333931"),
        ("CRÈME", "4006381333931"),  # what can be sold comes before what cannot
        ("kase", "kase"),
        ("gouda käse", "kase"),
        ("strasse", "strasse"),
        ("milk", "milkshake"),  # names that begin so come first
        ("whole mi", "milk"),
        ("7-up", "7up"),
        ("7 up", "7up"),
        ("面包", "mian"),
        ("パン", "pan"),
        ("خبز", "khubz"),
        ("istanbul", "ekmek"),
        ("4006381333931", "4006381333931"),
        ("4006381", "4006381333931"),
        ("4011", "bananas"),
        ("termil", "buttermilk"),
        ("rmi", "buttermilk"),
        ("ttermilk", "buttermilk"),
        ("buterm", "buttermilk"),  # a slip of the finger, not typed to its end
        ("orgnic buttremilk", "buttermilk"),
        ("bannanas", "bananas"),
        ("straßenkuchn", "strasse"),
        ("خبزن", "khubz"),
        ("b", "bananas"),
    ],
)
def test_what_is_typed_finds_what_is_meant(house: Shop, typed: str, first: str) -> None:
    assert found(house, typed)[:1] == [first]


NONSENSE = (
    "",
    "   ",
    "xyzzy",
    "milkman shaken",
    '"',
    "*",
    "AND OR NOT",
    "a" * 5000,
    "NEAR(",
    "\x00",
    "'; --",
    "a'b\"c*d",
)


@pytest.mark.parametrize("typed", [*NONSENSE, "4006381333932"])
def test_nonsense_finds_nothing_and_breaks_nothing(house: Shop, typed: str) -> None:
    assert found(house, typed) == []


def test_the_limit_is_kept(house: Shop) -> None:
    assert len(found(house, "milk", limit=2)) == 2
    assert found(house, "milk", limit=0) == []


def test_a_kind_narrows_the_search(house: Shop) -> None:
    assert set(found(house, "shake")) == {"shake", "milkshake"}
    assert found(house, "shake", kind=ItemKind.MENU) == ["shake"]


def test_a_renamed_item_is_found_by_its_new_name_only(shop: Shop) -> None:
    shop.stocks([an_item("x", name="Quince jelly")])
    shop.stocks([an_item("x", name="Rhubarb jelly")])
    assert found(shop, "quince") == []
    assert found(shop, "uinc") == []
    assert found(shop, "rhubarb") == ["x"]
    assert found(shop, "hubar") == ["x"]


def test_ten_thousand_items_come_in_by_one_command_and_again_change_nothing(shop: Shop) -> None:
    items = [an_item(f"item{n:05}", name=f"Thing number {n}") for n in range(10_000)]
    assert shop.stocks(items) == {"added": 10_000, "changed": 0, "unchanged": 0}
    with shop.changes_nothing():
        assert shop.stocks(items) == {"added": 0, "changed": 0, "unchanged": 10_000}
    assert found(shop, "number 9999")[0] == "item09999"


def test_nul_is_a_gap_and_not_the_end_of_the_question(house: Shop) -> None:
    assert found(house, "\0milk\0") == found(house, "milk")
    assert found(house, 'zzz\0"*') == []
