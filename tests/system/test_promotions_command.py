"""`kiosk-server promotions`: in force with the server running and without, twice the same, and never half a file."""

from pathlib import Path

import pytest
from store_process import Store, ask, give

MILK = "4006381333931"
TWO_MILK = f"""
[[promotion]]
id = "two-milk"
name = "2 for 2.00"
kind = "multi_buy"
items = ["{MILK}", "2000000000077"]
quantity = 2
price = "2.00"
"""


@pytest.fixture
def offers(tmp_path: Path) -> Path:
    file = tmp_path / "offers.toml"
    file.write_text(TWO_MILK)
    return file


def test_promotions_act_on_the_next_scan(either: Store, offers: Path, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text(f"barcode,name,price\n{MILK},Milk,1.29\n")
    either.runs("catalog", "import", str(tmp_path / "items.csv"))
    token = either.adds("L1", "lane")

    first = either.answers("promotions", "import", str(offers))
    again = either.answers("promotions", "import", str(offers))

    assert first == {"added": 1, "changed": 0, "unchanged": 0, "ended": 0, "unknown_items": ["2000000000077"]}
    assert (again["added"], again["unchanged"]) == (0, 1)
    assert "running  multi_buy" in either.runs("promotions", "list")
    if either.server is None:
        either.starts()
    sold = give(either, token, "k1", "scan_item", code=MILK, quantity=2)
    assert sold["result"]["totals"]["saved_cents"] == 58
    assert ask(f"{either.url}/api/v1/screen", token)["state"]["basket"]["totals"]["saved_cents"] == 58


def test_only_ends_what_the_file_does_not_name(either: Store, offers: Path) -> None:
    either.runs("promotions", "import", str(offers))
    offers.write_text(TWO_MILK.replace("two-milk", "other"))
    either.runs("promotions", "import", str(offers), "--only")
    listed = {row["promotion_id"]: row["state"] for row in either.answers("promotions", "list", "--all")}
    assert listed == {"two-milk": "ended", "other": "running"}
    assert [row["promotion_id"] for row in either.answers("promotions", "list")] == ["other"]


def test_bad_file_names_every_promotion_and_changes_nothing(store: Store, offers: Path) -> None:
    offers.write_text(TWO_MILK + TWO_MILK.replace("two-milk", "bad").replace("2.00", "free"))
    said = store.runs("promotions", "import", str(offers), code=65)
    assert "bad: price" in said
    store.runs("promotions", "import", str(offers.with_name("none.toml")), code=66)
    offers.write_text(TWO_MILK)
    store.runs("promotions", "import", str(offers))
    assert len(store.answers("promotions", "list")) == 1
