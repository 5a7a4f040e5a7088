"""How much one address may hold: connections at a time, and handshakes a second."""

from __future__ import annotations

import threading
import time

from kiosk_server.transport.limits import Limits


class Admission:
    """Counts per address. An address is forgotten with its last connection and its last handshake's second."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        self._buckets: dict[str, tuple[float, float]] = {}  # address: tokens, and when they were counted

    def admit(self, address: str) -> bool:
        """Count one more connection of an address; False, and nothing counted, beyond its share."""
        with self._lock:
            held = self._held.get(address, 0)
            is_capped = address not in self._limits.uncapped_addresses
            if is_capped and held >= self._limits.connections_per_address:
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
        if address in self._limits.uncapped_addresses:
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
