"""The frame reader alone: against the RFC's examples, and against wsproto as an oracle."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wire_client import frame as client_frame
from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed

from kiosk_server.transport import frames
from kiosk_server.transport.frames import FAIL, FrameReader

LIMIT = 1000


def read(data: bytes, cuts: list[int] | None = None, limit: int = LIMIT) -> list[frames.Event]:
    reader = FrameReader(limit)
    edges = sorted({0, len(data), *(c for c in cuts or [] if c < len(data))})
    return [e for a, b in itertools.pairwise(edges) for e in reader.feed(data[a:b])]


def code(events: list[frames.Event]) -> int | None:
    kind, content = events[-1]
    assert kind == FAIL
    assert isinstance(content, tuple)
    return content[0]


def test_reader_reads_the_masked_example_of_the_rfc() -> None:
    assert read(bytes.fromhex("818537fa213d7f9f4d5158")) == [(frames.TEXT, "Hello")]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
def test_reader_reads_every_width_of_length(size: int) -> None:
    assert read(client_frame(2, b"x" * size), limit=size) == [(frames.BINARY, b"x" * size)]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("unmasked", client_frame(1, b"a", masked=False), 1002),
        ("reserved bit 1", client_frame(1, b"a", rsv=4), 1002),
        ("reserved bit 3", client_frame(1, b"a", rsv=1), 1002),
        ("reserved opcode", client_frame(3, b"a"), 1002),
        ("reserved control opcode", client_frame(11, b"a"), 1002),
        ("long ping", client_frame(9, b"a" * 126), 1002),
        ("fragmented ping", client_frame(9, b"a", fin=False), 1002),
        ("continuation of nothing", client_frame(0, b"a"), 1002),
        ("text inside a message", client_frame(1, b"a", fin=False) + client_frame(1, b"b"), 1002),
        ("length 2^63", b"\x82\xff" + b"\x80" + b"\0" * 7, 1002),
        ("length 2^63 - 1", b"\x82\xff\x7f" + b"\xff" * 7, 1009),
        ("length not in its shortest form", b"\x82\xfe\x00\x05" + b"\0" * 9, 1002),
        ("close code cut short", client_frame(8, b"\x03"), 1002),
        ("close code 1005", client_frame(8, (1005).to_bytes(2, "big")), 1002),
        ("close reason not UTF-8", client_frame(8, b"\x03\xe8\xff"), 1007),
        ("bad UTF-8", client_frame(1, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"), 1007),
        ("UTF-8 cut short", client_frame(1, b"\xce"), 1007),
        ("message too big", client_frame(2, b"a" * (LIMIT + 1)), 1009),
        ("fragments too big", client_frame(2, b"a" * LIMIT, fin=False) + client_frame(0, b"a"), 1009),
    ],
    # The frames are masked by chance, and every process must call the same test by the same name.
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else str(value),
)
def test_reader_refuses(name: str, data: bytes, expected: int) -> None:
    assert code(read(data)) == expected
    assert code(read(data, list(range(len(data))))) == expected


def test_reader_refuses_a_size_before_its_payload_comes() -> None:
    assert code(read(client_frame(2, b"a" * 5000)[:4])) == 1009


@pytest.mark.parametrize("bad", [b"\xed\xa0", b"\xf4\x90", b"\xc0", b"\xff", b"\xe0\x80", b"\xf8"])
def test_reader_fails_on_the_first_impossible_byte(bad: bytes) -> None:
    whole = client_frame(1, b"ok" + bad + b"never sent")
    assert code(read(whole[: 6 + 2 + len(bad)])) == 1007
    assert code(read(client_frame(1, b"ok", fin=False) + client_frame(0, bad, fin=False))) == 1007


def test_reader_joins_a_character_split_across_fragments() -> None:
    euro = "€".encode()
    data = client_frame(1, euro[:1], fin=False) + client_frame(9, b"p") + client_frame(0, euro[1:])
    assert read(data) == [(frames.PING, b"p"), (frames.TEXT, "€")]


def test_reader_ends_endless_empty_fragments() -> None:
    start = client_frame(1, b"", fin=False)
    assert code(read(start + client_frame(0, b"", fin=False) * (LIMIT + 1))) == 1009


def test_reader_delivers_what_came_before_a_failure() -> None:
    events = read(client_frame(1, b"first") + client_frame(3, b"bad") + client_frame(1, b"never"))
    assert events[0] == (frames.TEXT, "first")
    assert code(events) == 1002
    assert len(events) == 2


@pytest.mark.parametrize(
    "good", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
)
def test_reader_takes_close_codes_that_are_for_the_wire(good: int) -> None:
    assert read(client_frame(8, good.to_bytes(2, "big") + b"why")) == [(frames.CLOSE, (good, "why"))]


@pytest.mark.parametrize("bad", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_reader_refuses_close_codes_that_are_not(bad: int) -> None:
    assert code(read(client_frame(8, bad.to_bytes(2, "big")))) == 1002


pieces = st.one_of(
    st.builds(
        client_frame,
        st.sampled_from([0, 1, 2, 8, 9, 10, 1, 2, 0]),
        st.one_of(st.binary(max_size=200), st.text(max_size=60).map(str.encode), st.just(b"\x03\xe8")),
        fin=st.booleans(),
    ),
    st.builds(client_frame, st.integers(0, 15), st.binary(max_size=140), fin=st.booleans(), rsv=st.integers(0, 7)),
    st.binary(max_size=12),
)


def oracle(data: bytes) -> tuple[list[tuple[int, object]], bool]:
    """Read with wsproto, and put its pieces of messages together."""
    protocol = FrameProtocol(client=False, extensions=[])
    events: list[tuple[int, object]] = []
    parts: list[str | bytes] = []
    kind = 0
    try:
        protocol.receive_bytes(data)
        for got in protocol.received_frames():
            if got.opcode in (Opcode.TEXT, Opcode.BINARY):
                kind = int(got.opcode)
                parts.append(got.payload if isinstance(got.payload, str) else bytes(got.payload))
                if got.message_finished:
                    events.append((kind, ("" if kind == 1 else b"").join(parts)))  # type: ignore[attr-defined]
                    parts = []
            elif got.opcode is Opcode.CLOSE:
                return [*events, (8, int(got.payload[0]))], False  # what comes behind a close is nobody's
            else:
                events.append((int(got.opcode), bytes(got.payload)))
    except (ParseFailed, UnicodeDecodeError):
        return events, True
    return events, False


def comparable(events: list[frames.Event]) -> tuple[list[tuple[int, object]], bool]:
    plain: list[tuple[int, object]] = []
    for kind, content in events:
        if kind == FAIL:
            return plain, True
        if kind == frames.CLOSE:
            assert isinstance(content, tuple)
            return [*plain, (8, 1005 if content[0] is None else content[0])], False
        plain.append((kind, content))
    return plain, False


@settings(max_examples=1500, deadline=None)
@given(st.lists(pieces, max_size=8).map(b"".join), st.lists(st.integers(0, 400), max_size=8))
def test_reader_agrees_with_wsproto_on_any_bytes(data: bytes, cuts: list[int]) -> None:
    ours, has_failed = comparable(read(data, cuts, limit=1 << 40))
    assume((frames.CLOSE, 1014) not in ours)  # wsproto does not know the youngest code of the registry
    theirs, has_oracle_failed = oracle(data)
    if has_oracle_failed or has_failed:
        # Who sees a broken frame first may differ; what was whole before it may not.
        shared = min(len(ours), len(theirs))
        assert ours[:shared] == theirs[:shared]
        assert has_failed or not has_oracle_failed or _is_pending(data)
    else:
        assert ours == theirs


def _is_pending(data: bytes) -> bool:
    reader = FrameReader(1 << 40)
    reader.feed(data)
    return reader.is_incomplete


@settings(max_examples=500, deadline=None)
@given(st.lists(pieces, max_size=6).map(b"".join), st.lists(st.integers(0, 400), max_size=8))
def test_reader_reads_the_same_however_the_bytes_arrive(data: bytes, cuts: list[int]) -> None:
    assert read(data) == read(data, cuts)


@given(st.text(max_size=300), st.binary(max_size=300))
def test_frames_survive_the_way_back(text: str, data: bytes) -> None:
    client = FrameProtocol(client=True, extensions=[])
    client.receive_bytes(frames.frame(frames.TEXT, text.encode()) + frames.frame(frames.BINARY, data))
    got = [f.payload for f in client.received_frames()]
    assert got == [text, data]
