"""What systemd and a service say to each other: readiness and sockets (sd_notify(3), sd_listen_fds(3))."""

import os
import socket

FIRST_DESCRIPTOR = 3


def notify(state: str) -> None:
    """Tell the service manager, if one listens: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=...`."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)


def inherited_sockets() -> list[socket.socket]:
    """The listening sockets that systemd opened for us; none where it did not."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    sockets = [socket.socket(fileno=FIRST_DESCRIPTOR + number) for number in range(count)]
    for one in sockets:
        one.set_inheritable(False)
    return sockets


def watchdog_interval_s() -> float | None:
    """How often the manager wants to hear of us (half of its patience), or None where it does not watch."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    patience_us = os.environ.get("WATCHDOG_USEC", "")
    return int(patience_us) / 2_000_000 if patience_us.isdecimal() else None
