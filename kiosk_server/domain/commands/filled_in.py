"""What the front door fills in between the wire and the counter. Nobody may send it; a field says so in its type."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec
from msgspec import Meta
from msgspec.structs import fields, replace

from kiosk_server.domain.commands.command import Command

SEALED: Final = Meta(extra={"filled_in": "sealed"})
"""The hash of what somebody typed, or what only the door knows: the same order has the same again."""

MEASURED: Final = Meta(extra={"filled_in": "measured"})
"""What a device said in that moment: the same order may well have another. Such a field needs a default."""


class FilledIn:
    """The fields of each command that are not the sender's."""

    def __init__(self, commands: Mapping[str, type[Command]]) -> None:
        marked = {kind: _marked(kind) for kind in commands.values()}
        self._names: Mapping[type, frozenset[str]] = {kind: frozenset(found) for kind, found in marked.items() if found}
        self._blanks = {kind: blank for kind, found in marked.items() if (blank := _blank(found))}

    def of(self, kind: type[msgspec.Struct]) -> frozenset[str]:
        """The names of those fields; none for whatever is no command."""
        return self._names.get(kind, frozenset())

    def kinds(self) -> frozenset[type[Command]]:
        """The commands that have some."""
        return frozenset(self._names)

    def as_sent(self, command: Command) -> Command:
        """Without what was measured: the same order with another weight on the plate is still the same order."""
        blank = self._blanks.get(type(command))
        return replace(command, **blank) if blank else command


def _marked(kind: type[Command]) -> dict[str, tuple[str, Any]]:
    """How each field that is marked is filled in, and what it is before."""
    found = {}
    for field in fields(kind):
        if get_origin(field.type) is not Annotated:
            continue
        for mark in get_args(field.type)[1:]:
            if isinstance(mark, Meta) and mark.extra and "filled_in" in mark.extra:
                found[field.name] = (mark.extra["filled_in"], field.default)
    return found


def _blank(marked: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    return {name: default for name, (how, default) in marked.items() if how == "measured"}
