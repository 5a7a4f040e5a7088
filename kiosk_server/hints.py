"""A command that we tell somebody to type, so that it does the same in whatever shell they type it."""

import shlex
from pathlib import Path


def as_typed(*words: str, data_dir: Path | None) -> str:
    """`kiosk-server` with these words, quoted for a shell; `data_dir` is None where the command finds it by itself."""
    named = ("--data-dir", str(data_dir.absolute())) if data_dir else ()
    return shlex.join(("kiosk-server", *words, *named))
