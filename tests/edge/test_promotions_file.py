"""Files of promotions: what they say is what acts, and whatever is wrong in them is said and keeps all of it out."""

import json

import pytest

from kiosk_server.domain.promotion import Group, Promotion, PromotionKind
from kiosk_server.edge.promotions_file import BadFile, read_promotions

MILK = "4006381333931"

TOML = """
[[promotion]]
id = "two-milk"
name = "2 for 2.00"
kind = "multi_buy"
items = ["4006381333931", "4011"]
quantity = 2
price = "2.00"
limit = 3

[[promotion]]
id = "lunch"
name = "Lunch for 5.00"
kind = "combo"
price = 5
groups = [{ categories = ["Sandwiches"] }, { items = ["cola"], quantity = 2 }]
starts = 2026-11-01
ends = "2026-12-24"
weekdays = ["mon", "Friday"]
from = 11:30:00
until = "14:00"

[[promotion]]
id = "rest"
name = "A tenth off"
kind = "basket_percent"
percent = "12,5 %"
from_total = "20.00"
exclusive = "basket"
priority = -3
coupon = "9912345678909"
ended = true
"""

CSV = """\ufeffid,name,kind,items,categories,quantity,price,percent,free,weekdays,from,until,coupon
two-milk,2 for 2.00,multi_buy,4006381333931 4011,,2,2.00,,,,,,
lunch,Lunch for 5.00,combo,+ cola,Sandwiches +,,5.00,,,mon fri,11:30,14:00,
third,The third is free,buy_get,,Fruit & vegetables|Bakery,2,,100,1,,,,
,,,,,,,,,,,,
"""


def test_toml_says_what_csv_says() -> None:
    two_milk, lunch, rest = read_promotions(TOML.encode(), is_csv=False)
    assert two_milk == Promotion(
        promotion_id="two-milk",
        name="2 for 2.00",
        kind=PromotionKind.MULTI_BUY,
        groups=(Group(items=(MILK, "4011"), quantity=2),),
        amount_cents=200,
        limit=3,
    )
    assert lunch.groups == (Group(categories=("Sandwiches",)), Group(items=("cola",), quantity=2))
    assert (lunch.starts_on, lunch.ends_on, lunch.weekdays) == ("2026-11-01", "2026-12-24", (1, 5))
    assert (lunch.from_minute, lunch.until_minute) == (690, 840)
    assert (rest.percent_bp, rest.threshold_cents, rest.exclusive, rest.priority) == (1250, 2000, "basket", -3)
    assert (rest.coupon, rest.is_ended, rest.groups) == ("9912345678909", True, ())
    from_csv = read_promotions(CSV.encode(), is_csv=True)
    assert from_csv[0].groups == two_milk.groups
    assert from_csv[1].groups == (Group(categories=("Sandwiches",)), Group(items=("cola",)))
    assert (from_csv[1].weekdays, from_csv[1].from_minute) == ((1, 5), 690)
    assert (from_csv[2].groups[0].categories, from_csv[2].free_quantity) == (("Fruit & vegetables", "Bakery"), 1)


def one(**fields: object) -> bytes:
    plain: dict[str, object] = {"id": "x", "name": "X", "kind": "percent_off", "items": [MILK], "percent": 10}
    rows = {name: value for name, value in {**plain, **fields}.items() if value is not None}
    return ("[[promotion]]\n" + "\n".join(f"{name} = {as_toml(value)}" for name, value in rows.items())).encode()


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {as_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"id": None}, "no id"),
        ({"id": "two words"}, "promotion_id"),
        ({"kind": "bogof"}, "bogof"),
        ({"percent": "ten"}, "percentage"),
        ({"percent": "nan"}, "decimals"),
        ({"percent": 0.005}, "decimals"),
        ({"percent": 101}, "percent_bp"),
        ({"items": MILK}, "list"),
        ({"items": ["4006381333930"]}, "no barcode"),
        ({"items": None}, "one group"),
        ({"groups": [{"items": [MILK], "prices": [1]}], "items": None}, "nothing else"),
        ({"groups": [{"items": [MILK]}]}, "in its groups"),
        ({"quantity": 2}, "single pieces"),
        ({"quantity": "many"}, "whole number"),
        ({"quantity": True}, "whole number"),
        ({"weekdays": ["monday", "funday"]}, "mon, tue"),
        ({"from": "25:00"}, "time"),
        ({"starts": "2026-02-30"}, "not a date"),
        ({"ends": 20261130}, "day such as"),
        ({"price": "1.00", "off": "1.00"}, "either"),
        ({"off": "a lot"}, "off"),
        ({"ended": "perhaps"}, "true or false"),
        ({"discount": 5}, "'discount' is none of"),
    ],
)
def test_bad_promotion_is_named_with_what_is_wrong(fields: dict[str, object], says: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_promotions(one(**fields), is_csv=False)
    assert len(caught.value.problems) == 1
    assert says in caught.value.problems[0]


@pytest.mark.parametrize(
    ("data", "is_csv", "says"),
    [
        (b"", False, "names no promotion"),
        (b"\xff\xfe", False, "UTF-8"),
        (b"[[promotion]\n", False, "not valid TOML"),
        (b"[[offers]]\nid = 1", False, "[[promotion]]"),
        (b"promotion = 1", False, "[[promotion]]"),
        (b"name,kind\nx,y\n", True, "columns"),
        (b"id,name\nx,y,z\n", True, "more cells"),
        (one() + b"\n" + one(), False, "because of"),
    ],
)
def test_file_that_is_none_is_refused_in_words(data: bytes, is_csv: bool, says: str) -> None:
    with pytest.raises(BadFile, match="Nothing was imported") as caught:
        read_promotions(data, is_csv=is_csv)
    assert says in str(caught.value)


def test_all_problems_of_a_file_are_told_at_once() -> None:
    with pytest.raises(BadFile) as caught:
        read_promotions(one(percent="x") + b"\n" + one(id="y", kind="z"), is_csv=False)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["x", "y"]
