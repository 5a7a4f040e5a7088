"""How a command ends: sysexits(3) for scripts, a sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager

USAGE = 64
BAD_DATA = 65
NO_INPUT = 66
UNAVAILABLE = 69
SOFTWARE = 70
CANNOT_CREATE = 73
TRY_LATER = 75
NO_PERMISSION = 77
BAD_CONFIG = 78


class Stop(Exception):  # noqa: N818 - a sentence, not a fault
    """The command ends here. The text says what happened, what it means, and what to do."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def faults_explained() -> Iterator[None]:
    """Turn what the rooms below raise into a Stop with its exit code."""
    from kiosk_server.config import ConfigError  # noqa: PLC0415 - `--help` should not load the store
    from kiosk_server.store import faults  # noqa: PLC0415

    codes: dict[type[Exception], int] = {
        faults.StoreInUse: TRY_LATER,
        faults.StoreCorrupt: BAD_DATA,
        faults.StoreTooNew: UNAVAILABLE,
        faults.StoreUnusable: CANNOT_CREATE,
        faults.BackupBad: BAD_DATA,
        ConfigError: BAD_CONFIG,
    }
    try:
        yield
    except tuple(codes) as fault:
        raise Stop(str(fault), next(code for kind, code in codes.items() if isinstance(fault, kind))) from fault
    except PermissionError as error:
        raise Stop(
            f"{error.filename} cannot be used: permission denied. Nothing was done. Run this as the user that owns it.",
            NO_PERMISSION,
        ) from error
