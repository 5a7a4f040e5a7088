"""The one decision: modes, deny, orders that expire, generations that follow the machine."""

import threading
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import HOUSE, interface

from kiosk_server.edge.guard import Allow, Door, Drop, Guard, GuardError, GuardSettings, Reason
from kiosk_server.edge.guard_interfaces import Machine


class FakeTime:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def make(*, machine: Machine = HOUSE, time: FakeTime | None = None, **settings: object) -> Guard:
    return Guard(
        GuardSettings.parse(**settings), read=lambda: machine, monotonic_s=time or FakeTime(), now_ms=lambda: 5
    )


def lets_in(guard: Guard, peer: str | None) -> bool:
    return isinstance(guard.decide(peer), Allow)


def reason(guard: Guard, peer: str | None) -> Reason | None:
    verdict = guard.decide(peer)
    return verdict.reason if isinstance(verdict, Drop) else None


# -- who gets in --


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("mode", ["private", "lan"])
def test_this_machine_always_gets_in(peer, mode):
    assert lets_in(make(mode=mode, allow=["192.168.7.0/24"]), peer)


def test_private_mode_lets_in_this_machine_alone():
    guard = make(mode="private")
    assert reason(guard, "192.168.1.9") is Reason.PRIVATE_MODE
    assert reason(guard, "8.8.8.8") is Reason.PRIVATE_MODE


def test_lan_mode_lets_in_rfc1918_and_nobody_else_by_default():
    guard = make()
    assert guard.decide("::ffff:10.9.8.7") == Allow(IPv4Network("10.0.0.0/8"), "rfc1918")
    for peer in ("8.8.8.8", "100.64.0.9", "169.254.7.7", "fd00::7", "fe80::1%eth0", "0.0.0.0", "::", "2002:a00:1::1"):
        assert reason(guard, peer) is Reason.NOT_ALLOWED


@pytest.mark.parametrize(
    ("peer", "why"),
    [
        (None, Reason.NO_ADDRESS),
        ("", Reason.NO_ADDRESS),
        ("010.0.0.1", Reason.UNPARSABLE),
        ("/run/x", Reason.UNPARSABLE),
    ],
)
def test_a_peer_without_an_address_is_dropped(peer, why):
    assert reason(make(), peer) is why


def test_ipv6_gets_in_by_opting_in():
    guard = make(ipv6_ula=True, ipv6_link_local=True)
    assert lets_in(guard, "fd12:3456::1")
    assert lets_in(guard, "fe80::1%eth0")
    assert not lets_in(guard, "2001:db8::1")


def test_own_subnets_are_those_of_the_interfaces_and_private():
    machine = Machine("till", (*HOUSE.interfaces, interface("8.8.8.7/24", "wan"), interface("10.0.0.1/0", "odd")))
    guard = make(machine=machine, allow=["own-subnets"])
    assert lets_in(guard, "192.168.1.9")
    assert "eth0 has 192.168.1.2" in guard.decide("192.168.1.9").why
    for peer in ("192.168.2.9", "10.0.0.7", "8.8.8.8", "fd00::7"):
        assert not lets_in(guard, peer)
    assert lets_in(make(allow=["own-subnets"], ipv6_ula=True), "fd00::7")
    assert not lets_in(make(allow=["own-subnets"], ipv6_ula=True), "fd01::7")


def test_deny_wins_over_allow_and_over_an_order():
    guard = make(deny=["192.168.1.0/28"])
    assert reason(guard, "192.168.1.9") is Reason.DENIED
    guard.allow_for("192.168.1.9", 60, "the plumber")
    assert reason(guard, "192.168.1.9") is Reason.DENIED
    assert lets_in(guard, "192.168.1.16")


def test_a_named_network_lets_in_only_itself():
    guard = make(allow=["192.168.10.0/24", "100.64.0.9"])
    assert lets_in(guard, "192.168.10.255")
    assert "no private network" in guard.decide("100.64.0.9").why
    assert not lets_in(guard, "192.168.11.0")


def test_public_mode_lets_in_nobody_directly_but_the_proxy():
    guard = make(mode="public", trusted_proxies=["192.168.1.5"])
    assert guard.decide("192.168.1.5").is_proxy
    for peer in ("8.8.8.8", "192.168.1.9"):
        assert reason(guard, peer) is Reason.PROXY_ONLY
    assert lets_in(guard, "127.0.0.1")


def test_zones_narrow_screens_but_not_for_this_machine():
    guard = make(zones={"manager": ["192.168.10.0/26"], "kitchen": ["192.168.20.0/24", "192.168.10.1"]})
    assert guard.permits("192.168.10.1", "manager")
    assert guard.permits("192.168.10.1", "kitchen")
    assert not guard.permits("192.168.10.2", "kitchen")
    assert not guard.permits("192.168.20.7", "manager")
    assert guard.permits("192.168.20.7", "lane")
    assert guard.permits("192.168.20.7", None)
    assert guard.permits("127.0.0.1", "manager")
    assert not guard.permits("8.8.8.8", "lane")
    assert not guard.permits(None, None)


def test_a_proxys_own_network_narrows_nobody_behind_it():
    guard = make(trusted_proxies=["192.168.1.5"], zones={"manager": ["192.168.10.0/26"]})
    assert guard.decide("192.168.1.5").permits("manager")
    assert guard.permits("192.168.10.1", "manager")
    assert not guard.permits("192.168.1.6", "manager")


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(8, 32), st.integers(1, 32))
def test_deny_wins_whatever_the_networks_are(number, other, allow_prefix, deny_prefix):
    allow = IPv4Network((number, allow_prefix), strict=False)
    deny = IPv4Network((other, deny_prefix), strict=False)
    try:
        guard = make(allow=[str(allow)], deny=[str(deny)])
    except GuardError:
        assert deny.overlaps(IPv4Network("127.0.0.0/8"))
        return
    for probe in {number, other, int(deny[0]), int(deny[-1]), int(allow[0]), int(allow[-1])}:
        address = IPv4Address(probe)
        is_expected = address in IPv4Network("127.0.0.0/8") or (address in allow and address not in deny)
        assert lets_in(guard, str(address)) == is_expected


# -- settings that cannot be kept --


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"mode": "open"}, "private, lan, public"),
        ({"allow": ["0.0.0.0/0"]}, "mode public"),
        ({"allow": ["::/0"]}, "mode public"),
        ({"allow": ["8.0.0.0/7"]}, "nearly everybody"),
        ({"allow": ["192.168.1.5/24"]}, "192.168.1.0/24"),
        ({"allow": ["rfc-1918"]}, "rfc1918"),
        ({"allow": "rfc1918"}, "must be a list"),
        ({"deny": ["127.0.0.1"]}, "this machine itself"),
        ({"deny": ["0.0.0.0/0"]}, "this machine itself"),
        ({"deny": ["::/64"]}, "this machine itself"),
        ({"deny": ["own-subnets"]}, "is no network"),
        ({"trusted_proxies": ["0.0.0.0/0"]}, "forge"),
        ({"mode": "public"}, "only through a proxy"),
        ({"zones": {"manger": ["10.0.0.0/8"]}}, "manager"),
        ({"zones": {"manager": ["10.0.0"]}}, "network.zones.manager"),
        ({"hosts": ["http://kiosk.lan"]}, "without scheme and port"),
        ({"hosts": ["kiosk.lan:80"]}, "without scheme and port"),
        ({"hosts": ["a b"]}, "without scheme and port"),
    ],
)
def test_a_setting_that_cannot_be_kept_is_refused_with_a_hint(settings, hint):
    with pytest.raises(GuardError) as refusal:
        make(**settings)
    assert hint in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"trusted_proxies": ["127.0.0.1"]}, "127.0.0.2"),
        ({"trusted_proxies": ["127.0.0.0/8"]}, "127.0.0.2"),
        ({"trusted_proxies": ["::1"]}, "127.0.0.2"),
        ({"allow": ["100.64.0.0/10"]}, "no private network"),
    ],
)
def test_a_setting_that_was_perhaps_not_meant_is_told(settings, hint, caplog):
    make(**settings)
    assert hint in caplog.text
    assert not GuardSettings.parse(trusted_proxies=["127.0.0.2"], allow=["10.0.0.0/9", "ula"]).warnings()


# -- standing orders --


def test_a_temporary_allow_ends_by_the_monotonic_clock():
    time = FakeTime()
    guard = make(allow=["192.168.1.0/24"], time=time)
    guard.allow_for("10.0.0.7", 60, "the plumber")
    assert guard.decide("10.0.0.7").why == "the plumber"
    time.now_s += 59.9
    assert lets_in(guard, "10.0.0.7")
    assert guard.remaining_s(guard.standing()[0]) == pytest.approx(0.1)
    time.now_s += 0.1
    assert not lets_in(guard, "10.0.0.7")
    assert guard.standing() == ()


@pytest.mark.parametrize("network", ["8.8.8.8", "0.0.0.0/0", "169.254.7.7", "10.0.0.0/7", "nonsense", "127.0.0.1"])
def test_one_tap_never_lets_in_what_is_no_private_network(network):
    with pytest.raises(GuardError):
        make().allow_for(network, 60, "")


@pytest.mark.parametrize("duration_s", [0, -1, 24 * 3600 + 1, float("inf"), float("nan")])
def test_a_temporary_allow_lasts_at_most_a_day(duration_s):
    with pytest.raises(GuardError):
        make().allow_for("10.0.0.7", duration_s, "")


def test_an_order_does_not_widen_private_mode():
    guard = make(mode="private")
    guard.allow_for("10.0.0.7", 60, "")
    assert reason(guard, "10.0.0.7") is Reason.PRIVATE_MODE


def test_quarantine_wins_until_it_is_lifted():
    guard = make()
    assert lets_in(guard, "10.0.0.7")
    guard.allow_for("10.0.0.7", 60, "")
    guard.quarantine("10.0.0.0/24", "port scan")
    assert reason(guard, "10.0.0.7") is Reason.QUARANTINED
    assert guard.lift("10.0.0.0/24")
    assert not guard.lift("10.0.0.0/24")
    assert lets_in(guard, "10.0.0.7")


def test_quarantine_never_locks_out_this_machine():
    for network in ("127.0.0.1", "::1", "0.0.0.0/0", "::/0"):
        with pytest.raises(GuardError):
            make().quarantine(network, "")


def test_the_last_order_for_a_network_counts():
    guard = make()
    guard.quarantine("10.0.0.7", "")
    guard.allow_for("10.0.0.7", 60, "")
    assert lets_in(guard, "10.0.0.7")
    assert len(guard.standing()) == 1


def test_orders_are_bounded():
    guard = make()
    for number in range(1024):
        guard.quarantine(str(IPv4Address(0x0A000000 + number)), "")
    with pytest.raises(GuardError):
        guard.quarantine("10.9.9.9", "")


# -- generations --


def test_a_change_reaches_an_address_already_decided():
    machines = [HOUSE, Machine("till", (interface("127.0.0.1/8", "lo"), interface("10.5.0.1/16")))]
    guard = Guard(GuardSettings.parse(allow=["own-subnets"]), read=lambda: machines[0])
    told = threading.Event()
    guard.on_change(told.set)
    assert lets_in(guard, "192.168.1.9")
    del machines[0]
    guard.refresh()
    assert told.is_set()
    assert not lets_in(guard, "192.168.1.9")
    assert lets_in(guard, "10.5.9.9")


def test_a_listener_that_fails_spoils_no_decision(caplog):
    time = FakeTime()
    guard = make(time=time)
    told = []

    def fail() -> None:
        told.append(guard.decide("10.0.0.7"))
        raise RuntimeError("not now")

    guard.quarantine("10.0.0.7", "", 60)
    guard.on_change(fail)
    time.now_s += 60
    assert lets_in(guard, "10.0.0.7")
    assert len(told) == 1
    assert "could not be passed on" in caplog.text


def test_a_reading_without_change_keeps_the_generation():
    guard = make()
    before = guard.generation
    guard.refresh()
    assert guard.generation is before


def test_other_settings_take_effect_and_orders_stay():
    guard = make()
    guard.quarantine("10.0.0.7", "")
    guard.change_settings(GuardSettings.parse(allow=["10.0.0.0/8"]))
    assert not lets_in(guard, "192.168.1.9")
    assert lets_in(guard, "10.0.0.8")
    assert not lets_in(guard, "10.0.0.7")


def test_memory_stays_bounded_under_a_flood_of_addresses():
    guard = make()
    assert lets_in(guard, "10.0.0.7")
    for number in range(20_000):
        guard.admit(str(IPv4Address(0x08000000 + number)), Door.ACCEPT)
    generation = guard.generation
    assert len(generation._dropped) <= 4096
    assert set(generation._allowed) == {"10.0.0.7"}
    assert len(guard.drops.last()) == 256
    assert guard.drops.counts() == {(Door.ACCEPT, Reason.NOT_ALLOWED): 20_000}


def test_threads_see_whole_generations_while_rules_change():
    guard = make()
    seen: list[object] = []

    def ask() -> None:
        seen.extend(guard.decide("10.0.0.7") for _ in range(2000))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        guard.quarantine("10.0.0.7", "")
        guard.lift("10.0.0.7")
    for thread in threads:
        thread.join()
    assert set(seen) <= {Allow(IPv4Network("10.0.0.0/8"), "rfc1918"), Drop(Reason.QUARANTINED)}
    assert lets_in(guard, "10.0.0.7")


# -- the ledger --


def test_the_ledger_says_who_tried_how_often_and_why():
    now = [100]
    guard = Guard(GuardSettings.parse(), read=lambda: HOUSE, now_ms=lambda: now[0])
    assert not guard.accept_gate("::ffff:8.8.8.8")
    now[0] = 200
    assert not guard.accept_gate(("8.8.8.8", 5))
    assert guard.accept_gate("10.0.0.7")
    assert not guard.accept_gate("evil\nname")
    last = guard.drops.last()
    assert [(row.address, row.count) for row in last] == [("evil\\nname", 1), ("8.8.8.8", 2)]
    assert (last[1].first_seen, last[1].last_seen, last[1].reason, last[1].door) == (100, 200, "not_allowed", "accept")
    guard.drops.forget()
    assert guard.drops.last() == ()


@pytest.mark.parametrize("peer", [None, "", (), ("",), 5, b"10.0.0.7", (None, 1)])
def test_the_accept_gate_refuses_what_is_no_address(peer):
    assert make().accept_gate(peer) is False


def test_the_log_names_a_few_and_counts_the_rest(caplog):
    guard = make()
    for number in range(50):
        guard.accept_gate(str(IPv4Address(0x08000000 + number)))
    assert len(caplog.records) == 10
