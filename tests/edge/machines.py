"""The back-office box of the tests, as its interfaces show it."""

from kiosk_server.edge.guard_interfaces import Interface, Machine
from kiosk_server.edge.network import network_of, parse_address


def interface(text: str, name: str = "eth0") -> Interface:
    """`address/prefix` on an interface."""
    address, _, prefix = text.partition("/")
    parsed = parse_address(address)
    assert parsed is not None
    return Interface(name, parsed, network_of(parsed, int(prefix)))


HOUSE = Machine("till", (interface("127.0.0.1/8", "lo"), interface("192.168.1.2/24"), interface("fd00::2/64")))
