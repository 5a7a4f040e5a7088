"""The browser clients' types, written from the structs: what Python decodes is what TypeScript may send.

`python -m kiosk_server.edge.typescript` rewrites `kiosk_client/web/wire/types.ts`; a test fails while it is stale.
Commands keep their defaults optional (the sender may leave them out). What the server sends is always there, but for
structs that leave their defaults out, because they are sent with every scan.
"""

import enum
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from kiosk_server.domain.commands import FILLED_IN
from kiosk_server.domain.errors import Refusal
from kiosk_server.domain.events import EVENTS
from kiosk_server.domain.intervention import RULES
from kiosk_server.domain.screens import SCREENS
from kiosk_server.domain.staff import Role
from kiosk_server.domain.terminal import Kind
from kiosk_server.domain.why import Why
from kiosk_server.edge.wire import ON_WIRE, WITHHELD

TARGET = Path(__file__).parents[2] / "kiosk_client" / "web" / "wire" / "types.ts"


HEADER = """\
// Generated from the Python structs by kiosk_server/edge/typescript.py. Do not edit; run
// `python -m kiosk_server.edge.typescript` after a change of commands, events or screens.
// Units stand in the names; times are ms since 1970, UTC; money is integers of the minor unit.
"""

WIRE = """\
/** An event as pushed: `prev` is the seq of the event before it in this audience. */
export type Pushed = {
  [K in keyof Events]: { seq: number; at: number; prev: number; type: K; data: Events[K] };
}[keyof Events];

export type CommandName = keyof Commands;

/** One command on its way: the same key with the same body is done once, however often it is sent. */
export type Order = {
  [K in CommandName]: { key: string; name: K; data: Commands[K] };
}[CommandName];

export interface Done {
  ok: true;
  seq: number;
  result: unknown;
}

export interface Refused {
  ok: false;
  code: RefusalCode;
  message: string;
  details?: Record<string, unknown>;
}

export type Reply = Done | Refused;

export interface Snapshot<S> {
  seq: number;
  screen: ScreenName;
  state: S;
  now: number;
  build: string;
}

/** The answer to `resync {seq}`. */
export type Resynced<S> = { events: Pushed[] } | { snapshot: Snapshot<S> };

export interface Live {
  topic: string;
  data: unknown;
}

export interface Notice {
  kind: "reload" | "closing" | "message";
  message?: string;
}
"""


def render() -> str:
    """The whole of types.ts."""
    commands = ON_WIRE
    parts = [HEADER]
    parts += [_alias(kind) for kind in _sorted_enums(commands)]
    parts.append(_union("RefusalCode", sorted(_refusal_codes())))
    parts += [_interface(struct, is_sent=True) for struct in _values(commands)]
    parts += [_interface(struct, is_sent=False) for struct in commands.values()]
    parts.append(_index("Commands", commands))
    parts += [_interface(struct, is_sent=True) for struct in EVENTS.values()]
    parts.append(_index("Events", EVENTS))
    parts.append(_event_types())
    parts.append(_index("Screens", SCREENS))
    parts.append("export type ScreenName = keyof Screens;\n")
    parts.append(_intervention_rules())
    parts.append(WIRE)
    return "\n".join(parts)


def _refusal_codes() -> set[str]:
    # `internal` is the writer's answer to a fault of the program; it is no Refusal.
    def below(kind: type[Refusal]) -> Iterator[str]:
        for child in kind.__subclasses__():
            yield child.code
            yield from below(child)

    return {"internal", *below(Refusal)}


def _values(commands: dict[str, Any]) -> list[type[msgspec.Struct]]:
    """Every struct reachable from commands, events, screens and what screens ask for, in order of first use.

    Commands and events themselves are not among them.
    """
    found: dict[type[msgspec.Struct], None] = {}
    for root in [*commands.values(), *EVENTS.values(), *SCREENS.values(), Why]:
        for struct in _structs(root):
            if struct not in commands.values() and struct not in EVENTS.values():
                found.setdefault(struct)
    return list(found)


def _structs(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for field in _fields(struct):
        for leaf in _leaves(field.type):
            if isinstance(leaf, type) and issubclass(leaf, msgspec.Struct):
                yield from _structs(leaf)
    yield struct


def _fields(struct: type[msgspec.Struct]) -> list[msgspec.structs.FieldInfo]:
    """Those that a sender knows of."""
    hidden = FILLED_IN.of(struct)
    return [field for field in msgspec.structs.fields(struct) if field.name not in hidden]


def _sorted_enums(commands: dict[str, Any]) -> list[type[enum.Enum]]:
    found: set[type[enum.Enum]] = {Kind, Role}
    for struct in [*_values(commands), *commands.values(), *EVENTS.values()]:
        for field in _fields(struct):
            found.update(leaf for leaf in _leaves(field.type) if isinstance(leaf, type) and issubclass(leaf, enum.Enum))
    return sorted(found, key=_name)


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        inner = inner[:1]
    if not inner:
        yield annotation
    for part in inner:
        yield from _leaves(part)


def _name(kind: type) -> str:
    """`State` and `Event` are said in several rooms; the room's name goes in front: kitchen.State -> KitchenState."""
    if kind.__name__ in {"State", "Event"}:
        return kind.__module__.rsplit(".", 1)[-1].capitalize() + kind.__name__
    return kind.__name__


_SIMPLE = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", object: "unknown"}


def _type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin in {Union, types.UnionType}:
        return " | ".join(_type(part) for part in inner)
    if origin in {tuple, list}:
        element = _type(inner[0])
        return f"readonly ({element})[]" if "|" in element else f"readonly {element}[]"
    if origin is dict:
        return f"Readonly<Record<{_type(inner[0])}, {_type(inner[1])}>>"
    if annotation in _SIMPLE:
        return _SIMPLE[annotation]
    return _name(annotation)


def _interface(struct: type[msgspec.Struct], *, is_sent: bool) -> str:
    lines = []
    for field in _fields(struct):
        if field.name in WITHHELD and is_sent:
            continue
        is_always_there = field.required or (is_sent and not struct.__struct_config__.omit_defaults)
        mark = "" if is_always_there else "?"
        lines.append(f"  readonly {field.name}{mark}: {_type(field.type)};\n")
    summary = (struct.__doc__ or "").strip().split("\n", 1)[0]
    doc = f"/** {summary} */\n" if summary and not summary.startswith(f"{struct.__name__}(") else ""
    if not lines:
        return f"{doc}export type {_name(struct)} = Record<string, never>;\n"
    return f"{doc}export interface {_name(struct)} {{\n{''.join(lines)}}}\n"


def _alias(kind: type[enum.Enum]) -> str:
    return _union(_name(kind), [str(member.value) for member in kind])


def _union(name: str, values: list[str]) -> str:
    one_line = f"export type {name} = " + " | ".join(f'"{value}"' for value in values) + ";\n"
    if len(one_line) <= 120:
        return one_line
    return f"export type {name} =\n" + "\n".join(f'  | "{value}"' for value in values) + ";\n"


def _event_types() -> str:
    """What a page knows when it was built; an event that is not among them comes from a newer server."""
    rows = "".join(f'  "{name}",\n' for name in EVENTS)
    return f"export const EVENT_TYPES: ReadonlySet<string> = new Set([\n{rows}]);\n"


def _intervention_rules() -> str:
    """Who may end which kind, for buttons that say so beforehand; the server looks again."""
    shape = "{ readonly resolvers: readonly Role[]; readonly has_decision: boolean; readonly needs_note: boolean }"
    rows = [f"export const INTERVENTION_RULES: Readonly<Record<InterventionKind, {shape}>> = {{\n"]
    for kind, rule in RULES.items():
        resolvers = ", ".join(f'"{role.value}"' for role in Role if role in rule.resolvers)
        has_decision, needs_note = (str(value).lower() for value in (rule.has_decision, rule.needs_note))
        rows.append(
            f"  {kind.value}: {{ resolvers: [{resolvers}], has_decision: {has_decision}, needs_note: {needs_note} }},\n"
        )
    return "".join([*rows, "};\n"])


def _index(name: str, rows: dict[str, Any]) -> str:
    body = "".join(f"  {key}: {_name(struct)};\n" for key, struct in rows.items())
    return f"export interface {name} {{\n{body}}}\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{TARGET} written\n")
