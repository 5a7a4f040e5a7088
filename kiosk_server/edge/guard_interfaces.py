"""What this machine is called and which addresses it has, read again and again: DHCP moves, cables come out.

`read_machine` asks netifaces once. `MachineWatch` asks it every few seconds on its own thread and tells of changes.
A reading that fails or is empty never replaces a good one: not knowing our networks must not mean trusting all.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import netifaces

from kiosk_server.edge.network import Address, Network, is_loopback, network_of, parse_address

log = logging.getLogger(__name__)

INTERVAL_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of this machine, the network around it, and the interface that holds it."""

    name: str
    address: Address
    network: Network


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine as its network sees it. `host_name` may be empty."""

    host_name: str = ""
    interfaces: tuple[Interface, ...] = ()

    @property
    def addresses(self) -> frozenset[Address]:
        """All own addresses, loopback among them."""
        return frozenset(interface.address for interface in self.interfaces)

    def has_address(self, address: Address) -> bool:
        """Whether the address is ours: one of an interface, or loopback."""
        return is_loopback(address) or any(address == interface.address for interface in self.interfaces)


def read_machine() -> Machine:
    """This machine now. Raises OSError when the interfaces cannot be listed."""
    found = sorted(
        (interface for name in netifaces.interfaces() for interface in _read_interface(name)),
        key=lambda interface: (interface.name, interface.address.version, int(interface.address)),
    )
    return Machine(socket.gethostname(), tuple(found))


def _read_interface(name: str) -> Iterator[Interface]:
    try:
        families = netifaces.ifaddresses(name)
    except (OSError, ValueError):  # unplugged between the listing and now
        return
    for family in (netifaces.AF_INET, netifaces.AF_INET6):
        for row in families.get(family, ()):
            address = parse_address(row.get("addr"))
            prefix = prefix_length(row.get("netmask") or row.get("mask"))
            if address is not None and prefix is not None:
                yield Interface(name, address, network_of(address, prefix))


def prefix_length(mask: str | None) -> int | None:
    """The prefix of a netmask as netifaces spells it: 255.255.255.0, ffff:ffff::, or either with /prefix behind.

    None where it is missing or has holes; an interface without a usable mask gives no network to trust.
    """
    address = parse_address((mask or "").partition("/")[0])
    if address is None:
        return None
    host_bits = ~int(address) & ((1 << address.max_prefixlen) - 1)
    if host_bits & (host_bits + 1):
        return None
    return address.max_prefixlen - host_bits.bit_length()


class MachineWatch:
    """Reads the machine at an interval, or when nudged, and calls `on_change(machine)` for every new reading.

    `read` and `wait` are handed in by tests; `wait(timeout_s)` returns early when the watch is nudged or stopped.
    """

    def __init__(
        self,
        on_change: Callable[[Machine], None],
        *,
        read: Callable[[], Machine] = read_machine,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self.machine = Machine()
        self._on_change = on_change
        self._read = read
        self._interval_s = interval_s
        self._wake = threading.Event()
        self._is_stopping = False
        self._is_failing = False
        self._one_at_a_time = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read once, then go on reading on a thread. A second start does nothing."""
        if self._thread is None:
            self.refresh()
            self._is_stopping = False
            self._thread = threading.Thread(target=self._run, name="guard-interfaces", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread and wait for it."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._is_stopping = True
            self._wake.set()
            thread.join(timeout_s)

    def nudge(self) -> None:
        """Have the thread read now. Returns at once, so a signal handler (SIGHUP) may call it."""
        self._wake.set()

    def refresh(self) -> Machine:
        """Read now; the machine in force afterwards, which is the last good one when this reading fails or is empty."""
        with self._one_at_a_time:
            reading = self._read_or_none()
            if reading is not None and reading != self.machine:
                self._on_change(reading)
                self.machine = reading  # after the listener: one that failed is told again at the next reading
            return self.machine

    def _run(self) -> None:
        while True:
            self._wake.wait(self._interval_s)
            self._wake.clear()
            if self._is_stopping:
                return
            try:
                self.refresh()
            except Exception:  # a failing listener must not end the watch
                log.exception("A change of this machine's addresses could not be taken over")

    def _read_or_none(self) -> Machine | None:
        try:
            reading: Machine | None = self._read()
        except Exception as error:  # noqa: BLE001 - whatever the lookup throws, the last good reading stays
            self._tell_once("This machine's interfaces cannot be read (%s); the last known ones stay in force", error)
            return None
        if not reading or not reading.interfaces:
            self._tell_once("This machine shows no addresses%s; the last known ones stay in force", "")
            return None
        self._is_failing = False
        return reading

    def _tell_once(self, text: str, detail: object) -> None:
        if not self._is_failing:
            log.warning(text, detail)
        self._is_failing = True
