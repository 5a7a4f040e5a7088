"""Where others on this machine read how to reach the server: its note, and the text of its store's lock.

Neither is needed to sell, so a disk that takes neither is no reason not to start; and one that gets room again, be it
less than selling needs, is to have both at once. Nobody tells us of that, so it is tried again now and then.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk_server.note import ServerNote, note_path, remove_note, write_note

AGAIN_AFTER_S = 1.0
LEAVE_S = 1.0

log = logging.getLogger("kiosk.introduction")


class Introduction:
    """A context: inside it both are there, or will be as soon as the disk takes them; after it the note is gone.

    `announce(url)` writes the text of the lock, and raises OSError where it cannot.
    """

    def __init__(self, data_path: Path, note: ServerNote, announce: Callable[[str], None]) -> None:
        self._data_path = data_path
        self._note = note
        self._announce = announce
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._try_again, name="introduction", daemon=True)

    def __enter__(self) -> None:
        problem = self._write()
        if problem is None:
            return
        log.warning(
            "where this server is cannot be written down in %s (%s): make room; until then the command line on this "
            "machine does not find it, and a second server cannot name it",
            self._data_path,
            problem.strerror or problem,
        )
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(LEAVE_S)
        try:
            remove_note(self._data_path)
        except OSError as problem:  # whoever reads it asks, and hears that nobody is there
            log.warning("%s stays behind: %s", note_path(self._data_path), problem.strerror or problem)

    def _try_again(self) -> None:
        while not self._is_over.wait(AGAIN_AFTER_S):
            if self._write() is None:
                log.info("where this server is stands in %s now", self._data_path)
                return

    def _write(self) -> OSError | None:
        try:
            write_note(self._data_path, self._note)
            self._announce(self._note.url)
        except OSError as problem:
            return problem
        return None
