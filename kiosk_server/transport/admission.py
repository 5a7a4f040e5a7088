"""How much one address may hold: connections at a time, and handshakes a second."""

from __future__ import annotations

import functools
import ipaddress
import threading
import time

from kiosk_server.transport.limits import Limits

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Admission:
    """Counts per address. An address is forgotten with its last connection and its last handshake's second."""

    def __init__(self, limits: Limits) -> None:
        """Raise ValueError if an entry of `uncapped_addresses` is neither an address nor a network."""
        self._limits = limits
        self._uncapped = [_network(name) for name in limits.uncapped_addresses]
        self._is_uncapped = functools.lru_cache(4096)(self._look_up)
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._buckets: dict[str, tuple[float, float]] = {}  # address: tokens, and when they were counted

    def admit(self, address: str) -> bool:
        """Count one more connection of an address; False, and nothing counted, beyond its share."""
        with self._lock:
            held = self._held.get(address, 0)
            if held >= self._limits.connections_per_address and not self._is_uncapped(address):
                return False
            self._held[address] = held + 1
            return True

    def release(self, address: str) -> None:
        """Give back what `admit` counted."""
        with self._lock:
            held = self._held.get(address, 0)
            if held > 1:
                self._held[address] = held - 1
            else:
                self._held.pop(address, None)

    def admit_handshake(self, address: str) -> bool:
        """Take a handshake from an address's allowance, which refills by the second."""
        if self._is_uncapped(address):
            return True
        rate = self._limits.handshakes_per_address_s
        now = time.monotonic()
        with self._lock:
            tokens, since = self._buckets.get(address, (float(rate), now))
            tokens = min(float(rate), tokens + (now - since) * rate)
            if tokens < 1:
                return False
            self._buckets[address] = (tokens - 1, now)
            if len(self._buckets) > 1024:
                # A bucket is full again after a second, and a full one says nothing.
                self._buckets = {a: b for a, b in self._buckets.items() if now - b[1] < 1}
            return True

    def held(self, address: str) -> int:
        """Return how many connections an address has."""
        return self._held.get(address, 0)

    def _look_up(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        # A socket that listens on both families shows an IPv4 peer as ::ffff:10.0.0.7.
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in network for network in self._uncapped)


def _network(name: str) -> _Network:
    network = ipaddress.ip_network(name, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - 96))
