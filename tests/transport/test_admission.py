"""What one address may hold, and who is free of it."""

from __future__ import annotations

import pytest

from kiosk_server.transport import Limits
from kiosk_server.transport.admission import Admission

NAMED = frozenset({"192.0.2.7", "10.1.0.0/16", "2001:db8::/32", "::ffff:198.51.100.0/120"})


@pytest.fixture
def admission() -> Admission:
    return Admission(Limits(uncapped_addresses=NAMED, connections_per_address=1, handshakes_per_address_s=1))


@pytest.mark.parametrize(
    ("address", "is_free"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("192.0.2.8", False),
        ("10.1.255.1", True),
        ("::ffff:10.1.2.3", True),
        ("10.2.0.1", False),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("fe80::1%eth0", False),
        ("198.51.100.9", True),
        ("", False),
        ("localhost", False),
    ],
)
def test_named_addresses_and_networks_are_free_of_both_caps(admission: Admission, address: str, is_free: bool) -> None:
    assert admission.admit(address)
    assert admission.admit(address) is is_free
    assert admission.admit_handshake(address)
    assert admission.admit_handshake(address) is is_free


def test_what_was_admitted_is_given_back(admission: Admission) -> None:
    for _ in range(3):
        assert admission.admit("203.0.113.1")
        admission.release("203.0.113.1")
    assert admission.held("203.0.113.1") == 0


def test_name_that_is_no_address_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"proxy\.lan"):
        Admission(Limits(uncapped_addresses=frozenset({"proxy.lan"})))
