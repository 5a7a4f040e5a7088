"""Links that customers hold: each opens one receipt, none can be made up, and a backup keeps them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from builders import MILK
from shop import Lane, Person, Shop

from kiosk_server.domain.tender import Receipt
from kiosk_server.store import receipt_links
from kiosk_server.store.db import Database


@pytest.fixture
def receipts(shop: Shop, lane3: Lane, attendant: Person) -> tuple[Receipt, Receipt]:
    sold = []
    for _ in range(2):
        lane3.scans(MILK)
        lane3.pays()
        sold.append(attendant.takes_cash(lane3.basket.basket_id))
    return sold[0], sold[1]


def link(shop: Shop, receipt: Receipt) -> str:
    with shop.database.read() as conn:
        return receipt_links.link_of(conn, receipt)


def behind(shop: Shop, text: str) -> Receipt | None:
    with shop.database.read() as conn:
        return receipt_links.receipt_behind(conn, text)


def test_link_opens_its_receipt_and_stays_the_same(shop: Shop, receipts: tuple[Receipt, Receipt]) -> None:
    first, second = (link(shop, receipt) for receipt in receipts)
    assert first == link(shop, receipts[0])
    assert behind(shop, first) == receipts[0]
    assert behind(shop, second) == receipts[1]


def test_part_of_one_link_opens_no_other_receipt(shop: Shop, receipts: tuple[Receipt, Receipt]) -> None:
    first, second = (link(shop, receipt) for receipt in receipts)
    assert first.partition(".")[2] != second.partition(".")[2]
    assert behind(shop, f"{receipts[0].number}.{second.partition('.')[2]}") is None


@pytest.mark.parametrize(
    "text", ["", "1", "1.", "1.aaaaaaaaaaaaaaaaaaaaaa", "01.x", "9" * 40 + ".aaaaaaaaaaaaaaaaaaaaaa", "1.é"]
)
def test_made_up_link_opens_nothing(shop: Shop, receipts: tuple[Receipt, Receipt], text: str) -> None:
    assert behind(shop, text) is None


def test_every_changed_letter_spoils_a_link(shop: Shop, receipts: tuple[Receipt, Receipt]) -> None:
    good = link(shop, receipts[0])
    for at in range(good.index(".") + 1, len(good)):
        assert behind(shop, good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]) is None
    assert behind(shop, good + "A") is None
    assert behind(shop, good + "\n") is None


def test_link_to_a_receipt_that_a_restore_has_lost_does_not_open_its_successor(
    shop: Shop, receipts: tuple[Receipt, Receipt]
) -> None:
    lost = msgspec.structs.replace(receipts[0], basket_id="another-basket")
    assert behind(shop, link(shop, lost)) is None


def test_two_stores_have_keys_of_their_own_and_a_copy_has_its_originals(
    shop: Shop, receipts: tuple[Receipt, Receipt], tmp_path: Path
) -> None:
    copy = tmp_path / "copy" / "store.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(shop.database.path)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    for path, is_same in ((copy, True), (tmp_path / "new" / "store.db", False)):
        database = Database(path)
        database.open()
        with database.read() as conn:
            assert (receipt_links.link_of(conn, receipts[0]) == link(shop, receipts[0])) is is_same
        database.close()
