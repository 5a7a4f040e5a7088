"""Addresses as peers and people spell them, against the table in words and an oracle of plain integers."""

import re
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk_server.edge.network import (
    LINK_LOCAL,
    LOOPBACK,
    RFC1918,
    ULA,
    find_network,
    is_within,
    overlaps,
    parse_address,
    parse_network,
    sender_of,
)


@pytest.mark.parametrize("text", ["10.0.0.1", "172.16.0.0", "172.31.255.255", "192.168.255.255", "::ffff:10.9.8.7"])
def test_private_address_stands_in_rfc1918(text):
    assert find_network(parse_address(text), RFC1918)


@pytest.mark.parametrize(
    "text",
    [
        *("172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "100.64.0.9", "169.254.7.7"),
        *("192.0.2.5", "198.18.0.1", "0.0.0.0", "240.0.0.1", "255.255.255.255", "9.255.255.255"),
        *("11.0.0.0", "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "::"),
        *("::ffff:0:10.0.0.1", "::a00:1", "fec0::1", "fd00::7", "fe80::1%eth0"),
    ],
)
def test_other_address_stands_outside_rfc1918(text):
    assert parse_address(text) is not None
    assert find_network(parse_address(text), RFC1918) is None


@pytest.mark.parametrize(
    "text",
    [
        *("010.0.0.1", "0x0a.0.0.1", "10.1", "167772161", "10.0.0.1\n", "\n10.0.0.1", " 10.0.0.1", "10.0.0.1 ", ""),
        *(
            "[::1]",
            "\u0661\u0660.\u0660.\u0660.\u0661",
            "\uff11\uff10.\uff10.\uff10.\uff11",
            "10.0.0.256",
            "10.0.0.1.1",
            "10.0.0",
            "10..0.1",
            "10.0.0.1%eth0",
        ),
        *("fd00::7%eth0", "fe80::1%", "fe80::1%eth0\n", "fe80::1%a/b", "fe80::1%" + "x" * 16, "::ffff:010.0.0.1"),
        *("::ffff:10.0.0.1%eth0", ":::", "1::2::3", "10.0.0.1:80", "fe80::1%25eth0%", "+10.0.0.1", "10.0.0.1\x00"),
        *("unknown", "_hidden", "localhost", "1e1.0.0.1", "10.0.0.1/32", "-1.0.0.1", "00.0.0.0", "10.0.0.1,10.0.0.2"),
        *(None, 167772161, b"10.0.0.1", ("10.0.0.1", 80), IPv4Address("10.0.0.1"), "1" * 100_000, ":" * 40),
    ],
)
def test_anything_else_is_no_address(text):
    assert parse_address(text) is None


def test_scope_is_stripped_from_a_link_local_address():
    assert parse_address("fe80::1%eth0") == IPv6Address("fe80::1")
    assert find_network(parse_address("fe80::1%eth0.100"), LINK_LOCAL)
    assert find_network(parse_address("fd00::7"), ULA)


# -- an oracle that knows only integers --

BOUNDARIES = [
    number + step
    for number in (
        *(0, 0x0A000000, 0x0B000000, 0x64400000, 0x7F000000, 0x80000000, 0xA9FE0000, 0xAC100000, 0xAC200000),
        *(0xC0A80000, 0xC0A90000, 0xC0000200, 0xC6120000, 0xE0000000, 0xF0000000, 0xFFFFFFFF),
    )
    for step in (-1, 0, 1)
    if 0 <= number + step <= 0xFFFFFFFF
]
IPV4 = st.one_of(st.sampled_from(BOUNDARIES), st.integers(0, 0xFFFFFFFF))


def dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def oracle_rfc1918(number: int) -> bool:
    return number >> 24 == 10 or number >> 20 == 0xAC1 or number >> 16 == 0xC0A8


@given(IPV4)
def test_every_ipv4_address_is_judged_as_the_oracle_does(number):
    address = parse_address(dotted(number))
    assert int(address) == number
    assert bool(find_network(address, RFC1918)) == oracle_rfc1918(number)
    assert bool(find_network(address, LOOPBACK)) == (number >> 24 == 127)


@pytest.mark.parametrize("number", BOUNDARIES)
def test_every_boundary_is_judged_as_the_oracle_does(number):
    assert bool(find_network(parse_address(dotted(number)), RFC1918)) == oracle_rfc1918(number)
    assert bool(find_network(parse_address(f"::ffff:{dotted(number)}"), RFC1918)) == oracle_rfc1918(number)


EMBEDDINGS = {
    "mapped": lambda number: (0xFFFF << 32) | number,
    "compatible": lambda number: number,
    "translated": lambda number: (0xFFFF << 48) | number,
    "nat64": lambda number: (0x0064FF9B << 96) | number,
    "local nat64": lambda number: (0x0064FF9B0001 << 80) | number,
    "6to4": lambda number: (0x2002 << 112) | (number << 80) | 1,
    "teredo": lambda number: (0x20010000 << 96) | (number ^ 0xFFFFFFFF),
    "isatap": lambda number: (0x20010DB8 << 96) | (0x5EFE << 32) | number,
}


@given(IPV4, st.sampled_from(sorted(EMBEDDINGS)), st.booleans())
def test_only_a_mapped_address_is_the_one_inside(number, embedding, is_exploded):
    value = IPv6Address(EMBEDDINGS[embedding](number))
    address = parse_address(value.exploded if is_exploded else str(value))
    if embedding == "mapped":
        assert address == IPv4Address(number)
    else:
        assert address == value
        assert find_network(address, RFC1918) is None


@given(st.integers(0, 2**128 - 1))
@example(0xFC << 120)
@example((0xFE << 120) - 1)
@example(0xFE80 << 112)
@example((0xFEC0 << 112) - 1)
@example(1)
def test_every_ipv6_address_is_judged_as_the_oracle_does(number):
    address = parse_address(str(IPv6Address(number)))
    if number >> 32 != 0xFFFF:
        assert int(address) == number
        assert bool(find_network(address, ULA)) == (number >> 121 == 0xFC >> 1)
        assert bool(find_network(address, LINK_LOCAL)) == (number >> 118 == 0xFE80 >> 6)
        assert bool(find_network(address, LOOPBACK)) == (number == 1)


@given(st.text(max_size=48))
def test_any_text_is_an_address_or_nothing(text):
    address = parse_address(text)
    if address is not None:
        assert text.isascii()
        assert re.fullmatch(r"[0-9a-fA-F.:]+(%[0-9A-Za-z._:@-]+)?", text)


@given(st.text("0123456789.x:%", max_size=20))
def test_digits_and_dots_are_an_address_only_as_four_plain_octets(text):
    address = parse_address(text)
    if isinstance(address, IPv4Address) and ":" not in text:
        assert text == dotted(int(address))


# -- networks --


@pytest.mark.parametrize("text", ["192.168.10.0/24", "10.0.0.7", "0.0.0.0/0", "fd00:1::/64", "::/0", "fe80::1"])
def test_a_network_is_read_as_written(text):
    network = parse_network(text)
    assert str(network).removesuffix(f"/{network.max_prefixlen}") == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("192.168.10.5/24", "192.168.10.0/24"),
        ("fd00::1/64", "fd00::/64"),
        ("10.0.0.0/33", "at most /32"),
        ("fd00::/129", "at most /128"),
        ("10.0.0.0/255.0.0.0", "is no network"),
        ("10.0.0.0/08", "is no network"),
        ("10.0.0.0/", "is no network"),
        ("10.0.0.0/-1", "is no network"),
        ("10.0.0.0/8/8", "is no network"),
        ("10.0.0/8", "is no network"),
        ("::ffff:10.0.0.0/104", "IPv4 network in IPv6 spelling"),
        ("fe80::1%eth0", "is no network"),
        ("all", "is no network"),
        ("", "is no network"),
    ],
)
def test_a_misspelt_network_is_refused_with_a_hint(text, hint):
    with pytest.raises(ValueError, match=re.escape(hint)):
        parse_network(text)


def test_networks_of_two_families_never_meet():
    assert not overlaps(parse_network("::/0"), [parse_network("0.0.0.0/0")])


def test_a_network_wider_than_its_table_is_not_within_it_but_overlaps():
    assert is_within(parse_network("10.1.0.0/16"), RFC1918)
    assert not is_within(parse_network("172.0.0.0/8"), RFC1918)
    assert overlaps(parse_network("172.0.0.0/8"), RFC1918)
    assert not overlaps(parse_network("172.32.0.0/11"), RFC1918)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fd00::7", "fd00::7"),
        ("fe80::7%eth0", "fe80::7"),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_a_limit_counts_a_public_ipv6_sender_by_its_network(address, sender):
    assert sender_of(address) == sender
