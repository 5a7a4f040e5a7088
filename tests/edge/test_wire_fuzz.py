"""Whatever is sent, the answer is one of ours: a real house hears odd commands by the hundred and never fails."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_house import BREAD, MILK, PATIENCE_S, House, bearer

from kiosk_server.config import LimitsConfig
from kiosk_server.domain.errors import BadRequest
from kiosk_server.edge import failures, wire

ODD_TEXT = st.one_of(
    st.text(max_size=20),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Nd"]), max_size=8),
    st.sampled_from(
        ["lane-1", "pump-1", "stall-1", "kitchen-1", "burger", "diesel", "cash", "bump", MILK, BREAD, "\x00", ""]
    ),
)
ODD_NUMBER = st.one_of(
    st.integers(-3, 1100), st.integers(), st.floats(), st.sampled_from([2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30])
)
ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), ODD_NUMBER, ODD_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(ODD_TEXT, inner, max_size=4)),
    max_leaves=8,
)


# Values that get through the decoder, so that the rules behind it are met in every state as well.
PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from([MILK, BREAD, "4006381333930", "nonsense!", "2012345678903", "4" * 600]),
    "item_id": st.sampled_from([MILK, "burger", "diesel", "nothing"]),
    "grade_id": st.sampled_from(["diesel", "burger"]),
    "terminal": st.sampled_from(["lane-1", "stall-1", "pump-1", "kitchen-1", "manager-1", "nowhere"]),
    "tender": st.just("cash"),
    "quantity": st.integers(1, 999),
    "line_id": st.integers(0, 4),
    "limit_cents": st.one_of(st.none(), st.integers(0, 500)),
    "volume_ml": st.integers(0, 2_000_000),
    "received_cents": st.sampled_from([0, 1, 10_000, 100_000_000]),
    "event": st.sampled_from(["start", "bump", "hand_over", "recall", "void"]),
    "outcome": st.sampled_from(["done", "approved", "denied", "withdrawn"]),
    "kind": st.sampled_from(["lane", "pump", "kitchen"]),
    "token_hash": st.just("0" * 64),
    "is_on": st.booleans(),
    "modifiers": st.just([]),
}


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """A command with its own fields and odd values in them, or something else altogether."""
    name = draw(st.sampled_from(sorted(wire.ON_WIRE)))
    fields = [field.encode_name for field in msgspec.structs.fields(wire.ON_WIRE[name])]
    is_odd = draw(st.integers(0, 2)) == 0
    data = {field: draw(ODD if is_odd else PLAUSIBLE.get(field, ODD_TEXT)) for field in fields}
    if is_odd and draw(st.booleans()):
        data[draw(ODD_TEXT)] = draw(ODD)
    return {"key": draw(st.one_of(st.uuids().map(str), ODD_TEXT)), "name": name, "data": data}


@given(st.one_of(orders(), ODD))
@settings(max_examples=500, deadline=None)
def test_anything_is_a_command_or_a_bad_request(body: Any) -> None:
    try:
        key, command = wire.read_order(body)
    except BadRequest as refusal:
        json.dumps(failures.of_refusal(refusal).as_wire()).encode()
    else:
        assert 0 < len(key) <= 64
        assert wire.tag_of(command) in wire.ON_WIRE
        msgspec.json.encode(command)


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_json_or_a_bad_request(body: bytes) -> None:
    with suppress(BadRequest):
        wire.read_json(body)


@pytest.fixture(scope="module")
def busy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[dict[str, str]]]]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with House(folder, limits=LimitsConfig(commands_per_s=1_000_000)) as house:
        kinds = ("lane", "stall", "pump", "kitchen", "pickup", "manager")
        yield house, [bearer(house.enrols(f"{kind}-1", kind)) for kind in kinds] + [house.local()]


@given(st.data())
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_command_from_anybody_is_a_fault_of_ours(
    busy_house: tuple[House, list[dict[str, str]]], data: st.DataObject
) -> None:
    house, callers = busy_house
    caller = data.draw(st.sampled_from(callers))
    order = data.draw(orders())
    if order["name"] == "retire_terminal":
        order["data"]["terminal"] = "nowhere"  # or the callers would be gone, one after the other
    body = json.dumps(order).encode()
    answer = requests.post(
        f"{house.url}/api/v1/commands",
        data=body,
        headers={**caller, "Content-Type": "application/json"},
        timeout=PATIENCE_S,
    )
    reply = answer.json()
    assert reply.get("code") != "internal", (body, reply)
    assert answer.status_code == (200 if reply["ok"] else failures.STATUS[reply["code"]])


def test_house_is_whole_after_all_that(busy_house: tuple[House, list[dict[str, str]]]) -> None:
    house, callers = busy_house
    assert house.get("/readyz").status_code == 200
    for caller in callers[:-1]:
        answer = house.get("/api/v1/screen", caller)
        assert answer.status_code in (200, 401), answer.text
