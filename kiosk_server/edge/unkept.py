"""What the journal has to hear of sessions, told again until it has: it may not be writable, or its queue full.

Whatever ends sessions (somebody retired, another secret or role, signed out everywhere) finds them in the store. One
that began while nothing could be written would outlive all of that, and one that ended then would rise with the next
start.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk_server.core.reply import Reply
from kiosk_server.domain.commands import EndSession, SignIn
from kiosk_server.domain.staff import SessionEnd
from kiosk_server.promise import Promise

NOT_NOW: Final = frozenset({"read_only", "busy", "internal"})
"""Answers that say nothing about the session itself."""

AFTER_FAULT_S: Final = 60.0  # a fault of ours fills the log each time


@dataclass(slots=True)
class _Told:
    command: SignIn | EndSession
    answer: Promise[Reply]
    at_s: float


@dataclass(slots=True)
class Unkept:
    """`is_alive(token_hash)` says whether a session still is; `end(session_id)` ends one that the store refuses."""

    submit: Callable[[SignIn | EndSession], Promise[Reply]]
    is_alive: Callable[[str], bool]
    end: Callable[[str], None]
    monotonic_s: Callable[[], float]
    _told: deque[_Told] = field(default_factory=deque)

    def tell(self, command: SignIn | EndSession) -> Promise[Reply]:
        """Into the journal, now or as soon as it can be written."""
        answer = self.submit(command)
        self._told.append(_Told(command, answer, self.monotonic_s()))
        return answer

    def sweep(self, *, is_writable: bool) -> None:
        """Look at the answers; tell again what was not taken."""
        for _ in range(len(self._told)):
            one = self._told.popleft()
            reply = one.answer.result() if one.answer.done() else None
            if reply is None or (reply.code in NOT_NOW and not (is_writable and self._is_due(one, reply))):
                self._told.append(one)
            elif reply.code in NOT_NOW:
                if isinstance(one.command, EndSession) or self.is_alive(one.command.token_hash):
                    self.tell(one.command)
            elif isinstance(one.command, SignIn):
                self._settle(one.command, is_kept=reply.ok)

    def _is_due(self, one: _Told, reply: Reply) -> bool:
        return reply.code != "internal" or self.monotonic_s() - one.at_s > AFTER_FAULT_S

    def _settle(self, command: SignIn, *, is_kept: bool) -> None:
        if not is_kept:
            self.end(command.session_id)
        elif not self.is_alive(command.token_hash):  # it ended before the journal knew of it
            self.tell(EndSession(session_id=command.session_id, why=SessionEnd.SIGNED_OUT))
