"""`recv` and `send` that keep the interpreter while the kernel copies a few hundred bytes.

Python gives its interpreter away around every system call. Where other threads wait for it, a read of two microseconds
so ends in waiting, often for milliseconds, until it is free again; and each such change wakes a thread on another
processor. On a socket that never blocks there is nothing to wait for, so these two hold on to it. With 200 lanes that
scan at once on two processors it changed hands a third less often.

They are the C library's own, through `ctypes.PyDLL`, which unlike `CDLL` keeps the interpreter. Whatever goes wrong, a
full buffer too, is asked once more of the socket's own method, which raises what it always raises. Where there is no
such library, or it may not be called, those methods are all there is.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Final

READ_BYTES: Final = 16384  # small enough that one talkative peer holds the reactor for milliseconds
_COPIED_AT_ONCE: Final = 16384  # a longer one takes its time, in which others may run

_Call = Callable[[int, Any, int, int], int]  # a descriptor, where the bytes are, how many, flags

try:
    import ctypes

    _library = ctypes.PyDLL(None)
    _recv: _Call | None = _library.recv
    _send: _Call | None = _library.send
    _library.recv.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    _library.send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
    _library.recv.restype = _library.send.restype = ctypes.c_ssize_t
    _RECV_FLAGS: Final = socket.MSG_DONTWAIT
    _SEND_FLAGS: Final = socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)
# Windows has neither; and where memory may not become a program (systemd's MemoryDenyWriteExecute), ctypes of some
# systems cannot even be imported.
except (ImportError, MemoryError, OSError, TypeError, AttributeError):
    _recv = _send = None


def is_plain(sock: socket.socket) -> bool:
    """Whether these may be used: beneath TLS they would write in the clear."""
    return type(sock).send is socket.socket.send


class Reader:
    """Where one thread receives; its buffer is of READ_BYTES."""

    def __init__(self) -> None:
        self._buffer = bytearray(READ_BYTES)
        self._at = (ctypes.c_char * READ_BYTES).from_buffer(self._buffer) if _recv else None

    def recv(self, sock: socket.socket) -> bytes:
        """As `sock.recv(READ_BYTES)` of a socket that does not block: b"" at its end, BlockingIOError, OSError."""
        if _recv is not None:
            size = _recv(sock.fileno(), self._at, READ_BYTES, _RECV_FLAGS)
            if size >= 0:
                return bytes(self._buffer[:size])
        return sock.recv(READ_BYTES)


def send(sock: socket.socket, blob: bytes) -> int:
    """As `sock.send(blob)` of a socket that does not block: how many bytes were taken, BlockingIOError, OSError."""
    if _send is not None and len(blob) <= _COPIED_AT_ONCE:
        size = _send(sock.fileno(), blob, len(blob), _SEND_FLAGS)
        if size >= 0:
            return size
    return sock.send(blob)
