"""What every command is answered with."""

import msgspec

from kiosk_server.domain.errors import Refusal


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one command.

    `seq` is the journal's last number when it was done, so that a screen knows which events to wait for. `result` is
    plain values (dict, list, str, int, ...), the same the first time and when an answer is given again; `code`,
    `message` and `details` are those of the refusal.
    """

    ok: bool
    seq: int
    result: object | None = None
    code: str = ""
    message: str = ""
    details: dict[str, object] | None = None

    @classmethod
    def of_refusal(cls, refusal: Refusal, seq: int) -> "Reply":
        return cls(ok=False, seq=seq, code=refusal.code, message=refusal.message, details=dict(refusal.details) or None)
