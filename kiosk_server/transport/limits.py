"""Every number that bounds what a peer may cost. Nothing else in this package holds one."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one server grants. Times in seconds, sizes in bytes.

    The defaults are those of a store of some hundred terminals on a LAN. A limit is enforced before the memory
    that it protects is taken; what happens beyond it is said beside it.
    """

    # One WebSocket
    message_bytes: int = 64 * KIB  # beyond: close 1009
    message_timeout_s: float = 15.0  # a message begun and not finished: close 1002
    attachments: int = 16  # binary parts of one Socket.IO packet; beyond: close 1002
    inbox_messages: int = 64  # not yet handled; beyond: no more is read from this peer
    outbox_messages: int = 256  # not yet taken by the peer
    outbox_bytes: int = MIB
    outbox_grace_s: float = 5.0  # over the outbox for so long, or four times over it at once: dropped
    send_buffer_bytes: int = 128 * KIB  # the kernel's part of the outbox
    close_timeout_s: float = 2.0  # for the peer's half of the closing handshake
    tcp_user_timeout_s: float = 8.0  # sent and not acknowledged by the peer's kernel

    # Engine.IO and Socket.IO
    ping_interval_s: float = 2.0
    ping_timeout_s: float = 3.0
    connect_timeout_s: float = 5.0  # open, but in no namespace: closed

    # One address; `uncapped_addresses`, or networks as 10.0.0.0/24, are free of both (a proxy, or the box itself)
    connections_per_address: int = 16  # beyond: closed at accept
    handshakes_per_address_s: int = 5  # beyond: 429
    uncapped_addresses: frozenset[str] = frozenset({"127.0.0.1", "::1"})

    # The server
    websockets: int = 8192  # beyond: 503
    workers: int = 8  # threads that run event handlers
    http_threads: int = 16
    http_connections: int = 1024  # beyond: no more is accepted
    header_bytes: int = 16 * KIB  # beyond: 431
    body_bytes: int = MIB  # beyond: 413
    header_timeout_s: float = 10.0  # first byte to last byte of a request's head
    body_timeout_s: float = 30.0
    idle_timeout_s: float = 30.0  # between two requests
    send_timeout_s: float = 10.0  # a response of which the peer takes nothing
    drain_timeout_s: float = 10.0
