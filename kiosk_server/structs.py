"""What msgspec makes of a struct when the struct is first decoded, made before there are threads.

It makes it once and keeps it with the class, and puts it there while it is still half made (a struct may hold itself).
Two threads that decode a struct for the first time at the same moment take the process down with them: seen in msgspec
0.22, once in 900 starts of a server that lanes were waiting for.
"""

from collections.abc import Iterator
from contextlib import suppress

import msgspec


def prepare() -> frozenset[type[msgspec.Struct]]:
    """Make it of every struct that is defined by now; which those are."""
    kinds = frozenset(_below(msgspec.Struct))
    for kind in kinds:
        with suppress(TypeError):  # one with a field that JSON has no word for is never decoded
            msgspec.json.Decoder(kind)
    return kinds


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
