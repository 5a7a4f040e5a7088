"""dict <-> command, event, reply. The only file that knows JSON keys.

Decoding is strict: unknown fields, wrong types, numbers out of range, lone surrogates and NaN are `bad_request` naming
the field; nothing undecoded goes further. Encoding withholds what must not leave the server (`WITHHELD`).
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.commands import COMMANDS, FILLED_IN, Command, Id
from kiosk_server.domain.errors import BadRequest, UnknownCommand
from kiosk_server.domain.events import Event
from kiosk_server.edge.failures import Failure

MAX_BODY_BYTES = 64 * 1024
MAX_BUILD_LENGTH = 64

# A file of items becomes ImportItems inside the server, and the front door itself tells what it has seen.
NOT_ON_WIRE: frozenset[type[Command]] = frozenset(
    {c.ImportItems, c.ImportPromotions, c.SignIn, c.EndSession, c.ReportWrongSecret, c.ReportRefusals, c.KeepTimes}
)
ON_WIRE: dict[str, type[Command]] = {name: kind for name, kind in COMMANDS.items() if kind not in NOT_ON_WIRE}

WITHHELD = frozenset({"token_hash", "fingerprint"})
_WITHHELD_NAMES = tuple(f'"{name}":'.encode() for name in sorted(WITHHELD))

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")

_NAMED_FIELD = re.compile(r"(?:required|unknown) field `(?P<field>[^`]{1,64})")


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command on its way: the same `key` with the same body is done once, however often it is sent."""

    key: Id
    name: str
    data: dict[str, Any] = {}


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says when it connects. All optional: a browser's cookie speaks for it.

    `seq` is the last it has seen, `build` that of the page it runs, `screen` the one it wants to show: it picks
    between a terminal's cookie and a person's session in the same browser.
    """

    token: str | None = None
    seq: int | None = None
    build: str | None = None
    screen: str | None = None


class Resync(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last event number the client has applied."""

    seq: int


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """An event as an audience gets it. `prev` is the seq of the one before it in this audience; `at` is ms, UTC."""

    seq: int
    at: int
    type: str
    data: dict[str, Any]
    prev: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole state of a screen, true at `seq`. `now` is the server's clock in ms since 1970, UTC."""

    seq: int
    screen: str
    state: dict[str, Any]
    now: int
    build: str


# -- in --


def read_json(body: bytes) -> Any:
    """The plain value of a JSON body, or BadRequest. Depth, digits, NaN and encoding are checked by the parser."""
    if len(body) > MAX_BODY_BYTES:
        raise BadRequest(f"The body is larger than {MAX_BODY_BYTES} bytes. Nothing was done.", limit=MAX_BODY_BYTES)
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {_reason(error)}. Nothing was done.") from error


def read_order(body: object) -> tuple[str, Command]:
    """`{key, name, data}` -> (key, command). Raises BadRequest or UnknownCommand."""
    order = convert(body, Order)
    kind = ON_WIRE.get(order.name)
    if kind is None:
        raise unknown_command(order.name)
    for field in FILLED_IN.of(kind) & order.data.keys():
        raise BadRequest(
            f"Object contains unknown field `{field}` in data.{field}. Nothing was done.", field=f"data.{field}"
        )
    return order.key, convert(order.data, kind, within="data")


def convert(value: object, kind: type[T], within: str = "") -> T:
    """`value` as the struct `kind`; BadRequest naming the field otherwise."""
    return _convert(value, kind, within, is_text=False)


def convert_texts(values: Mapping[str, str], kind: type[T]) -> T:
    """The parameters of an address as the struct `kind`: texts that spell numbers are numbers."""
    return _convert(values, kind, "", is_text=True)


def _convert(value: object, kind: type[T], within: str, *, is_text: bool) -> T:
    try:
        struct = msgspec.convert(value, kind, strict=not is_text)
        # A lone surrogate or a number beyond 64 bits passes as a Python value but fits no journal.
        msgspec.json.encode(struct)
    except msgspec.ValidationError as error:
        what, field = _where(str(error), within)
        raise BadRequest(f"{what}{f' in {field}' if field else ''}. Nothing was done.", field=field) from error
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise BadRequest(f"Not a usable value: {_reason(error)}. Nothing was done.", field=within) from error
    return struct


def _where(text: str, within: str) -> tuple[str, str]:
    """What is wrong and the dotted path of the field, from msgspec's message."""
    what, _, path = text.partition(" - at `$")
    named = _NAMED_FIELD.search(what)  # a field that is missing or unknown stands in the text, not in the path
    parts = [within, path.removesuffix("`").strip("."), named["field"] if named else ""]
    return what, ".".join(part for part in parts if part)


def unknown_command(name: str) -> UnknownCommand:
    shown = name[:64].encode("ascii", "replace").decode()
    close = difflib.get_close_matches(shown, ON_WIRE, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownCommand(f"There is no command {shown!r}.{hint} Nothing was done.", did_you_mean=close)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "its text is not valid Unicode"
    if isinstance(error, OverflowError):
        return "a number is too large"
    return str(error).removesuffix(".")


# -- out --


def reply_as_wire(reply: Reply) -> dict[str, Any]:
    """`{ok: true, seq, result}` or the error shape."""
    if reply.ok:
        return {"ok": True, "seq": reply.seq, "result": plain(reply.result)}
    return failure_of(reply).as_wire()


def failure_of(reply: Reply) -> Failure:
    return Failure(code=reply.code, message=reply.message, details=plain(reply.details) or {})


def reply_as_text(reply: Reply) -> bytes:
    """What `reply_as_wire` gives, as JSON."""
    if reply.ok:
        return encode({"ok": True, "seq": reply.seq, "result": reply.result})
    return encode(failure_of(reply).as_wire())


def reply_status(reply: Reply) -> int:
    return 200 if reply.ok else failure_of(reply).status


def tag_of(struct: Event | Command) -> str:
    """The wire name of an event or command."""
    return str(struct.__struct_config__.tag)


def event_data(event: Event) -> dict[str, Any]:
    """The fields of an event without its tag and without what is withheld."""
    data: dict[str, Any] = plain(event)
    del data["type"]
    return data


def event_text(event: Event) -> msgspec.Raw:
    """What `event_data` gives, as JSON."""
    # msgspec writes the tag first, and every event names its terminal behind it.
    text = encode(event)
    return msgspec.Raw(b"{" + text[text.index(b",") + 1 :])


def pushed_text(seq: int, at: int, kind: str, data: msgspec.Raw, prev: int) -> bytes:
    """A `Pushed` as JSON, around the text of its event."""
    return _encode({"seq": seq, "at": at, "type": kind, "data": data, "prev": prev})


def encode(value: object) -> bytes:
    """JSON without withheld fields. A search of the text tells in a fraction of the time that there are none."""
    text = _encode(value)
    for name in _WITHHELD_NAMES:
        if name in text:
            return _encode(plain(value))
    return text


def plain(value: object) -> Any:
    """Builtins only, ready for any JSON encoder; withheld fields are gone at every depth."""
    return _redact(msgspec.to_builtins(value))


def _redact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _redact(inner) for key, inner in value.items() if key not in WITHHELD}
    if isinstance(value, list | tuple):
        return [_redact(inner) for inner in value]
    return value
