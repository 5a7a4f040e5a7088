"""DATA_DIR/server.json: how the command line on this machine reaches the running server."""

import os
from pathlib import Path

import msgspec


class ServerNote(msgspec.Struct, frozen=True, kw_only=True):
    """Readable by the server's owner alone; there only while it runs (or after it was killed).

    `url` is the one to talk to from this machine; `urls` all, the best for terminals first. `token` is a new one each
    start and opens everything, from this machine only.
    """

    pid: int
    url: str
    token: str
    urls: tuple[str, ...] = ()


def note_path(data_path: Path) -> Path:
    return data_path / "server.json"


def write_note(data_path: Path, note: ServerNote) -> None:
    """Put the note there in one step; a reader never sees half of one. Raises OSError; then there is none."""
    path = note_path(data_path)
    unfinished = path.with_suffix(".new")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(msgspec.json.encode(note))
        unfinished.replace(path)
    except OSError:
        for stale in (unfinished, path):
            stale.unlink(missing_ok=True)
        raise


def read_note(data_path: Path) -> ServerNote | None:
    """The note, or None where there is none or no whole one."""
    try:
        return msgspec.json.decode(note_path(data_path).read_bytes(), type=ServerNote)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, msgspec.MsgspecError):
        return None


def remove_note(data_path: Path) -> None:
    note_path(data_path).unlink(missing_ok=True)
