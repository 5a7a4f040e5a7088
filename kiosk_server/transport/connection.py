"""One WebSocket: its states, its bounded outbox, its deadlines.

Any thread may send or close; every other change of state happens in the reactor's thread. A frame is handed to the
kernel by the thread that sends it, under the connection's lock, and only what the kernel does not take waits in the
outbox: so frames never interleave, and nobody waits for a slow reader.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kiosk_server.transport import frames, syscalls
from kiosk_server.transport.frames import FrameReader, close_frame, frame
from kiosk_server.transport.gathering import GATHERED, send_now
from kiosk_server.transport.inbox import Inbox
from kiosk_server.transport.outbox import Outbox
from kiosk_server.transport.reactor import READ, WRITE
from kiosk_server.transport.states import Owner, State

if TYPE_CHECKING:
    from kiosk_server.transport.hub import Hub

logger = logging.getLogger(__name__)

_PONG: Final = object()  # only the answer to the latest ping has to be sent (RFC 6455 5.5.3)


class Connection(Inbox):
    """A WebSocket that some thread opened and the reactor carries.

    `peer` is the client's address as the WSGI server saw it. Public: `send`, `close`, `peer`, `is_open`.
    """

    __slots__ = (
        "_interest",
        "_is_answered",
        "_is_deaf",
        "_is_judged",
        "_is_watched",
        "_outbox",
        "_reader",
        "_sock",
        "_state",
        "_unfinished_since",
        "address",
        "bytes_out",
        "read_since",
    )

    def __init__(self, hub: Hub, sock: socket.socket, owner: Owner, *, address: str, peer: str, limit: int) -> None:
        super().__init__(hub, owner, peer)
        if not syscalls.is_plain(sock):
            raise TypeError("a WebSocket is read from a plain socket; TLS ends at the proxy")
        self._sock = sock
        self.address = address  # the TCP peer, whom the caps count; `peer` may come from a proxy
        self.bytes_out = 0
        self.read_since = 0.0  # monotonic; before it there was a pause of ours, for which no peer is to blame
        self._state = State.OPEN
        self._reader = FrameReader(limit)
        self._interest = 0
        self._outbox: Outbox | None = None  # None: the kernel took everything so far
        self._is_deaf = False  # nothing more is read as a message
        self._is_judged = False  # a deadline for a slow reader is set
        self._is_answered = False  # the peer's close frame is here, or cannot be read
        self._unfinished_since: float | None = None
        self._is_watched = False  # a deadline for an unfinished message is set

    # ----- any thread

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self._state is State.OPEN

    @property
    def is_paused(self) -> bool:
        """Whether we have stopped reading, because its messages come faster than they are handled."""
        return not self._interest & READ

    def send(self, message: str | bytes) -> bool:
        """Send one message; `str` as text, bytes as binary. False if the connection has ended."""
        if isinstance(message, str):
            return self.send_blob(frame(frames.TEXT, message.encode()))
        return self.send_blob(frame(frames.BINARY, message))

    def close(self, code: int = frames.NORMAL, reason: str = "") -> None:
        """Send what is queued, then close. The code must be one for the wire (RFC 6455 7.4), else ValueError."""
        if not frames.is_close_code(code):
            raise ValueError(f"{code} is not a close code for the wire")
        send_now(self)
        self.hub.reactor.call_soon(self.finish, "closed by us", code, reason)

    def send_blob(self, blob: bytes) -> bool:
        """Send whole frames as they are. Several frames in one blob stay together."""
        gathered = GATHERED.blobs
        if gathered is not None:
            gathered.setdefault(self, []).append(blob)
            return self.is_open
        return self.send_whole(blob)

    def send_whole(self, blob: bytes) -> bool:
        """Send frames now, though this thread gathers."""
        with self._lock:
            return self._send_blob(blob)

    def _send_blob(self, blob: bytes) -> bool:
        """Send or queue frames; the lock is held."""
        if self._state:
            return False
        if self._outbox is None:
            try:
                sent = syscalls.send(self._sock, blob)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.hub.reactor.call_soon(self.abort, "gone")
                return False
            self.bytes_out += sent
            if sent == len(blob):
                return True
            blob = blob[sent:]
        self._queue(blob)
        return True

    def send_latest(self, topic: object, blob: bytes) -> bool:
        """Send frames that a later call on the same topic replaces while they wait for the peer."""
        send_now(self)
        with self._lock:
            if self._state or self._outbox is None:
                return self._send_blob(blob)
            self._outbox.add_latest(topic, blob)
            self._note_outbox()
        return True

    def cork(self, seconds: float, waiting: Outbox | None) -> None:
        """Send what waited, and all after it, in a moment: so that no read brings it together with what went before."""
        with self._lock:
            if self._state:
                return
            is_idle = self._outbox is None
            if self._outbox is None:
                self._outbox = Outbox(self.hub.limits)
            if waiting is not None:
                self._outbox.extend(waiting)
                self._note_outbox()
        if is_idle:
            self.hub.reactor.call_at(time.monotonic() + seconds, lambda _now: self._want_write())

    def _queue(self, blob: bytes) -> None:
        """Keep what the kernel did not take; the lock is held."""
        if self._outbox is None:
            self._outbox = Outbox(self.hub.limits)
            self.hub.reactor.call_soon(self._want_write)
        self._outbox.add(blob)
        self._note_outbox()

    def _note_outbox(self) -> None:
        """Set a deadline for a slow reader; the lock is held."""
        if self._outbox is None or self._outbox.over_since is None:
            return
        if self._outbox.is_bursting:
            self.hub.reactor.call_soon(self.abort, "slow reader")
        elif not self._is_judged:
            self._is_judged = True
            due = self._outbox.over_since + self.hub.limits.outbox_grace_s
            self.hub.reactor.call_at(due, self._judge_reader)

    # ----- the reactor's thread

    def start(self, head: bytes) -> None:
        """Begin to read; `head` is what the peer sent behind its handshake."""
        self._watch(self._interest | READ)
        if head:
            self._take(head)

    def on_ready(self, mask: int) -> None:
        """Serve the poller."""
        if mask & WRITE and self._state < State.LINGERING:
            self._flush()
        if mask & READ and self._state < State.CLOSED:
            self._read()

    def on_fault(self) -> None:
        """Serve the reactor after an exception."""
        self.abort("fault")

    def _read(self) -> None:
        try:
            data = self.hub.reader.recv(self._sock)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.abort("gone")
        elif self._state is not State.LINGERING:
            self._take(data)

    def _take(self, data: bytes) -> None:
        has_completed = False
        for kind, content in self._reader.feed(data):
            if kind == frames.CLOSE:
                self._take_close(*content)
            elif self._is_deaf:
                continue
            elif kind in (frames.TEXT, frames.BINARY):
                has_completed = True
                self._owner.on_message(content)  # type: ignore[arg-type]
            elif kind == frames.PING:
                self.send_latest(_PONG, frame(frames.PONG, content))  # type: ignore[arg-type]
            elif kind == frames.FAIL:
                self._is_answered = True  # whatever follows cannot be read, a close frame neither
                self.finish_in_order("broken", *content)
        self._note_unfinished(has_completed)

    def _note_unfinished(self, has_completed: bool) -> None:
        """Start, keep or drop the time that the peer has to finish what it began."""
        if not self._reader.is_incomplete:
            self._unfinished_since = None
            return
        if self._unfinished_since is None or has_completed:
            self._unfinished_since = time.monotonic()
        if not self._is_watched:
            self._is_watched = True
            due = self._unfinished_since + self.hub.limits.message_timeout_s
            self.hub.reactor.call_at(due, self._judge_writer)

    def _judge_writer(self, now: float) -> float | None:
        since = self._unfinished_since
        if since is not None and self._state is State.OPEN:
            due = max(since, now if self.is_paused else self.read_since) + self.hub.limits.message_timeout_s
            if now < due:
                return due
            self.finish("unfinished message", frames.PROTOCOL_ERROR, "message not finished in time")
        self._is_watched = False
        return None

    def _take_close(self, code: int | None, text: str) -> None:
        self._is_answered = True
        if self._state is State.CLOSING:
            self._linger()
        else:
            self.finish_in_order("closed by peer", code, text)

    def finish_in_order(self, reason: str, code: int | None, text: str) -> None:
        """Close once the messages before are handled, so that their answers go out first."""
        if self._is_deaf:
            return
        self._is_deaf = True
        if not self._is_busy:
            self.finish(reason, code, text)
            return
        self.enqueue(partial(self.hub.reactor.call_soon, self.finish, reason, code, text))
        self._within_close_timeout(self.finish, reason, code, text)

    def _within_close_timeout(self, function: Callable[..., None], *args: Any) -> None:
        due = time.monotonic() + self.hub.limits.close_timeout_s
        self.hub.reactor.call_at(due, lambda _now: function(*args))

    def finish(self, reason: str, code: int | None, text: str = "") -> None:
        """Send a close frame behind what is queued and take part in the closing handshake."""
        if self._state:
            return
        self._is_deaf = True
        self.send_blob(close_frame(code, text))
        with self._lock:
            if self._state:
                return
            self._state = State.CLOSING
        self._end(reason, code, text)
        if self._is_answered:
            self._linger()
        self._within_close_timeout(self.abort, "timeout")

    def _linger(self) -> None:
        """Close our half once all is sent; the peer closes the rest, so no reset can eat the close frame."""
        with self._lock:
            if self._outbox is not None or self._state is State.CLOSED:
                return
            self._state = State.LINGERING
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def abort(self, reason: str) -> None:
        """End at once, whatever the state; frees the descriptor."""
        with self._lock:
            was = self._state
            if was is State.CLOSED:
                return
            self._state = State.CLOSED
            self.hub.reactor.watch(self._sock, self._interest, 0, self)
            self._interest = 0
            self._sock.close()
            self._outbox = None
        self._is_deaf = True
        if was is State.OPEN:
            self._end(reason, frames.ABNORMAL, "")
        self.hub.forget(self)

    def _end(self, reason: str, code: int | None, text: str) -> None:
        self.hub.count_close(reason)
        self._owner.on_end(reason, frames.NO_STATUS if code is None else code, text)

    def _flush(self) -> None:
        try:
            with self._lock:
                if self._outbox is None:
                    return
                self.bytes_out += self._outbox.write(self._sock)
                if self._outbox:
                    return
                self._outbox = None
        except OSError:
            self.abort("gone")
            return
        self._watch(self._interest & ~WRITE)
        if self._state is State.CLOSING and self._is_answered:
            self._linger()

    def _judge_reader(self, now: float) -> float | None:
        with self._lock:
            since = None if self._outbox is None else self._outbox.over_since
            if since is None or self._state is State.CLOSED:
                self._is_judged = False
                return None
        due = since + self.hub.limits.outbox_grace_s
        if now < due:
            return due
        self.abort("slow reader")
        return None

    def _want_write(self) -> None:
        if self._outbox is not None and self._state < State.LINGERING:
            self._watch(self._interest | WRITE)

    def _pause(self) -> None:
        # At half of them `_resume` may have been called already, and would not be again.
        if self._waiting() > self.hub.limits.inbox_messages // 2:
            self._watch(self._interest & ~READ)

    def _resume(self) -> None:
        if self.is_paused:
            self.read_since = time.monotonic()
        self._watch(self._interest | READ)

    def _watch(self, mask: int) -> None:
        if mask != self._interest and self._state is not State.CLOSED:
            self.hub.reactor.watch(self._sock, self._interest, mask, self)
            self._interest = mask
