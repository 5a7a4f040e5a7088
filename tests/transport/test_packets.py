"""Socket.IO packets from a client, read strictly; python-socketio's own reader is the oracle of what they mean."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from socketio import packet as stock

from kiosk_server.transport.packets import Packet, announced, loads_bounded, read

REFUSALS = (ValueError, RecursionError)


def parse(text: str, *attachments: bytes) -> Packet:
    return read(text, attachments, loads_bounded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Packet(0, "/", None, None)),
        ('0{"token":"1"}', Packet(0, "/", None, {"token": "1"})),
        ("0/custom", Packet(0, "/custom", None, None)),
        ("0/custom,", Packet(0, "/custom", None, None)),
        ('0/custom?token=a,{"b":1}', Packet(0, "/custom", None, {"b": 1})),
        ("1/custom,", Packet(1, "/custom", None, None)),
        ('2["a",1,{"b":[null]}]', Packet(2, "/", None, ["a", 1, {"b": [None]}])),
        ('2/custom,012["a"] ', Packet(2, "/custom", 12, ["a"])),
        ("2[1]", Packet(2, "/", None, [1])),
        ("2[1.5]", Packet(2, "/", None, [1.5])),
        ('2["a",1e999]', Packet(2, "/", None, ["a", math.inf])),
        ("2" + "0" * 100 + '["a"]', Packet(2, "/", 0, ["a"])),
        ("30[]", Packet(3, "/", 0, [])),
    ],
)
def test_packet_is_read(text: str, expected: Packet) -> None:
    assert parse(text) == expected


def test_attachments_take_their_places() -> None:
    text = (
        '52-/custom,7["a",{"x":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}],{"_placeholder":false}]'
    )
    expected = ["a", {"x": b"2"}, [b"1"], {"_placeholder": False}]
    assert parse(text, b"1", b"2") == Packet(2, "/custom", 7, expected)


REFUSED = {
    "type": ["", " ", "7", "a", "-", "٢", "4", '4"x"', '4{"message":"x"}'],
    "connect": ["0null", "0[]", '0"x"', "0/custom,1 1", "01-{}"],
    "disconnect": ["1null", "1{}", "1/custom,0x"],
    "event": [
        "2",
        "2/custom",
        "2null",
        "2{}",
        "2[]",
        "2[null]",
        "2[true]",
        '2[["a"]]',
        '2"a"',
        '2["connect"]',
        '2["newListener"]',
        '2,["a"]',
        '21-["a"]',
        '2["a"]x',
        '2["a",]',
        '2["a","\t"]',
        "2" + "[" * 100_000,
    ],
    "number": [
        '2٤["a"]',
        '2²["a"]',
        '2+1["a"]',
        "2" + "1" * 101 + '["a"]',
        '2["a",01]',
        f'2["a",{"9" * 101}]',
    ],
    "ack": ["3", "3[]", "3null", "31", "31{}", '31"a"', "31-[]"],
    "binary": ["51-", "51-1{}", "61-1{}"],
}


@pytest.mark.parametrize("text", [t for texts in REFUSED.values() for t in texts], ids=lambda text: text[:24])
def test_what_the_protocol_does_not_allow_is_refused(text: str) -> None:
    with pytest.raises(REFUSALS):
        parse(text, b"1")


@pytest.mark.parametrize("place", ["-1", "1", "true", "null", '"0"', "0.0", "[]"])
def test_place_of_no_attachment_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="no such attachment"):
        parse(f'51-["a",{{"_placeholder":true,"num":{place}}}]', b"1")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('2["a"]', 0),
        ('21-["a"]', 0),
        ('51-["a"]', 1),
        ('6012-["a"]', 12),
        ('599999999-["e"]', 99_999_999),
        ('5["a"]', -1),
        ('50-["a"]', -1),
        ('5-["a"]', -1),
        ('5-1-["a"]', -1),
        ('5 1-["a"]', -1),
        ('5٤-["a"]', -1),
        ("5" + "9" * 11 + '-["a"]', -1),
    ],
)
def test_packet_says_how_many_attachments_follow(text: str, count: int) -> None:
    assert announced(text) == count


SEEDS = [
    '0/a?b,{"c":1}',
    "1/a,",
    '2["a",1,{"b":[null]}]',
    '2/a,12["a"]',
    '31["x"]',
    '51-/a,3["a",{"_placeholder":true,"num":0}]',
]
mutated = st.builds(
    lambda text, at, new, cut: text[: at % len(text)] + new + text[at % len(text) + cut :],
    st.sampled_from(SEEDS),
    st.integers(0, 60),
    st.text('0123456789-/,?[]{}":truenl.eE+ ٤²\n', max_size=3),
    st.integers(0, 3),
)


@settings(max_examples=2000, deadline=None)
@given(st.one_of(mutated, st.text(max_size=30)))
def test_what_is_taken_means_what_it_means_to_python_socketio(text: str) -> None:
    try:
        ours = parse(text, b"1")
    except REFUSALS:
        return
    theirs = stock.Packet(encoded_packet=text)
    data: Any = theirs.data
    if theirs.packet_type >= stock.BINARY_EVENT:
        data = stock.Packet.reconstruct_binary(data, [b"1"])
    if ours.kind == stock.DISCONNECT:
        data = theirs.id = None
    assert (ours.namespace, ours.id) == (theirs.namespace or "/", theirs.id)
    assert json.dumps(ours.data, default=repr) == json.dumps(data, default=repr)
