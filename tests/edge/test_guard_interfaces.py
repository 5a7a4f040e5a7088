"""Reading this machine's addresses, and keeping the last good reading."""

import threading

import netifaces
import pytest
from machines import interface

from kiosk_server.edge import guard_interfaces
from kiosk_server.edge.guard_interfaces import Machine, MachineWatch, prefix_length, read_machine
from kiosk_server.edge.network import parse_address

ONE = Machine("till", (interface("127.0.0.1/8", "lo"),))
TWO = Machine("till", (*ONE.interfaces, interface("10.0.0.1/24")))


@pytest.mark.parametrize(
    ("mask", "length"),
    [
        ("255.255.255.0", 24),
        ("255.255.255.255", 32),
        ("0.0.0.0", 0),
        ("ffff:ffff:ffff:ffff::/64", 64),
        ("ffff:ffff:ffff:ffff::", 64),
        ("255.0.255.0", None),
        ("", None),
        (None, None),
        ("garbage", None),
    ],
)
def test_netmask_gives_its_prefix_or_none(mask, length):
    assert prefix_length(mask) == length


def test_this_machine_is_read_with_its_loopback():
    machine = read_machine()
    assert parse_address("127.0.0.1") in machine.addresses
    assert machine.has_address(parse_address("127.5.5.5"))
    assert not machine.has_address(parse_address("8.8.8.8"))


def test_an_interface_that_vanishes_while_reading_is_passed_over(monkeypatch):
    families = netifaces.ifaddresses
    monkeypatch.setattr(guard_interfaces.netifaces, "interfaces", lambda: ["lo", "gone0"])

    def ifaddresses(name):
        if name == "gone0":
            raise ValueError("You must specify a valid interface name.")
        return families(name)

    monkeypatch.setattr(guard_interfaces.netifaces, "ifaddresses", ifaddresses)
    assert {interface.name for interface in read_machine().interfaces} == {"lo"}


@pytest.mark.parametrize("bad", [OSError("no netlink"), Machine("till", ()), None, Machine(), RuntimeError("?")])
def test_a_failing_or_empty_reading_keeps_the_last_good_one(bad):
    readings = [TWO, bad, bad, ONE]
    told: list[Machine] = []

    def read():
        reading = readings.pop(0)
        if isinstance(reading, Exception):
            raise reading
        return reading

    watch = MachineWatch(told.append, read=read)
    assert [watch.refresh() for _ in range(4)] == [TWO, TWO, TWO, ONE]
    assert told == [TWO, ONE]


def test_a_listener_that_fails_is_told_again():
    told: list[Machine] = []

    def listen(machine):
        told.append(machine)
        if len(told) == 1:
            raise RuntimeError("not now")

    watch = MachineWatch(listen, read=lambda: TWO)
    with pytest.raises(RuntimeError):
        watch.refresh()
    assert watch.refresh() == TWO
    assert told == [TWO, TWO]


def test_the_watch_reads_again_by_itself_and_when_nudged():
    readings = iter([ONE, TWO, ONE])
    told: list[Machine] = []
    news = threading.Semaphore(0)

    def listen(machine):
        told.append(machine)
        news.release()

    watch = MachineWatch(listen, read=lambda: next(readings, ONE), interval_s=0.01)
    watch.start()
    watch.start()
    try:
        for _ in range(3):
            assert news.acquire(timeout=30)
    finally:
        watch.stop()
    assert told == [ONE, TWO, ONE]
    assert not [thread for thread in threading.enumerate() if thread.name == "guard-interfaces"]

    slow = MachineWatch(listen, read=iter([ONE, TWO]).__next__, interval_s=3600)
    slow.start()
    slow.nudge()
    try:
        for _ in range(2):
            assert news.acquire(timeout=30)
    finally:
        slow.stop()
    assert told[3:] == [ONE, TWO]
