"""A sentence of the server's own that others may say in another language: a code and its values, and English as it is.

>>> said = Sentence("disk_full", "the disk is full ({free} MiB are free)", free=3)
>>> said, said.code, said.values
('the disk is full (3 MiB are free)', 'disk_full', {'free': 3})
"""

from typing import Any, Self


class Sentence(str):
    """English, for logs and the command line; `code` and `values` for the console, which has the other languages.

    A value may be a sentence too. It is told by its text: two with the same are equal.
    """

    code: str
    values: dict[str, Any]

    def __new__(cls, code: str, english: str, **values: object) -> Self:
        said = super().__new__(cls, english.format(**values))
        said.code = code
        said.values = values
        return said

    def __deepcopy__(self, _memo: object) -> Self:
        return self  # as any text

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (str(self),)


def as_wire(said: str | None) -> dict[str, Any] | None:
    """`{code, values, text}` of a sentence; a plain text has the code ''."""
    if said is None:
        return None
    if not isinstance(said, Sentence):
        return {"code": "", "values": {}, "text": said}
    values = {
        name: as_wire(value) if isinstance(value, Sentence) else str(value) for name, value in said.values.items()
    }
    return {"code": said.code, "values": values, "text": str(said)}
