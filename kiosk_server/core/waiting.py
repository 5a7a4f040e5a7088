"""What stands in the writer's queue: commands with the answers that they wait for."""

from kiosk_server.core.reply import Reply
from kiosk_server.domain.commands import Command
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.promise import Promise

CLOSE = None
"""The last thing in the queue of a bus that stops."""


class Waiting:
    """A command in the queue, with the promise of its answer. `body` is the SHA-256 of the command."""

    __slots__ = ("body", "command", "future", "identity", "key")

    def __init__(self, command: Command, identity: Identity, key: str, body: bytes) -> None:
        self.command = command
        self.identity = identity
        self.key = key
        self.body = body
        self.future: Promise[Reply] = Promise()


class Probe(Waiting):
    """No command, only the question whether one would be done now: it writes, and leaves no trace in the journal."""

    def __init__(self) -> None:
        super().__init__(Command(), Identity(name="probe", role=Role.LOCAL), "", b"")
