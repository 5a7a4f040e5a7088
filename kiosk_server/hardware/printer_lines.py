"""Lines to printers: a TCP connection, a device of this machine, or the end of a virtual printer's cable."""

import errno
import os
import select
import socket
from contextlib import suppress
from typing import Final

from kiosk_server.hardware.printer import Channel, PrinterAddress, Way

GOODBYE_S: Final = 0.5
_READ_AT_ONCE: Final = 4096


class SocketLine:
    """A connected socket as a Channel."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes, timeout_s: float) -> int:
        self._sock.settimeout(timeout_s)
        try:
            return self._sock.send(data)
        except TimeoutError:
            return 0

    def receive(self, timeout_s: float) -> bytes | None:
        self._sock.settimeout(max(timeout_s, 0.001))
        try:
            return self._sock.recv(_READ_AT_ONCE) or None
        except TimeoutError:
            return b""

    def close(self) -> None:
        # Closing with an answer unread would send a reset, which may reach the printer before it has read the job.
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
            while self.receive(GOODBYE_S):
                pass
        self._sock.close()


class DeviceLine:
    """A character device as a Channel; one that cannot be read only never answers."""

    def __init__(self, path: str) -> None:
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            self._can_read = True
        except OSError as error:
            if error.errno not in {errno.EACCES, errno.EINVAL}:
                raise
            self._fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            self._can_read = False

    def send(self, data: bytes, timeout_s: float) -> int:
        if not self._waits(select.POLLOUT, timeout_s):
            return 0
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def receive(self, timeout_s: float) -> bytes | None:
        if not self._can_read or not self._waits(select.POLLIN, timeout_s):
            return b""
        try:
            # A device at its end has nothing to say now; it has not hung up.
            return os.read(self._fd, _READ_AT_ONCE)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        os.close(self._fd)

    def _waits(self, event: int, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._fd, event)
        happened = dict(poll.poll(timeout_s * 1000)).get(self._fd, 0)
        if happened & (select.POLLERR | select.POLLHUP) and not happened & event:
            raise OSError(errno.EIO, "the device is gone")
        return bool(happened & event)


def dial(address: PrinterAddress, timeout_s: float) -> Channel:
    """Connect to a printer in the network or open its device. Raises OSError where nobody answers in time."""
    if address.way is Way.DEVICE:
        return DeviceLine(address.path)
    sock = socket.create_connection((address.host, address.port), timeout_s)
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return SocketLine(sock)
