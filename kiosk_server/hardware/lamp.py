"""The lamps over the lanes: shown what was committed, each change once, and all of it again from time to time.

Lamps only follow. Nothing waits for them and nothing is asked of them; one that cannot be reached is tried again with
everybody's next light, for relays forget theirs when their power fails.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from kiosk_server.domain import events as e
from kiosk_server.domain.light import Light
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

AGAIN_S: Final = 30.0
"""So often every lamp is told anew; hours begin and end between two events, too."""

_TELLING: Final = (
    e.TerminalAdded,
    e.TerminalRetired,
    e.TerminalPaired,
    e.TerminalMoved,
    e.TrainingSwitched,
    e.InterventionRaised,
    e.InterventionResolved,
)


class Lamp(Protocol):
    """What drives the lamps of a store: one box of relays, or a bus with many."""

    def show(self, lane: str, light: Light) -> None:
        """Light the lamp over `lane`. May block for as long as the wire takes; OSError where it is not reached."""


class VirtualLamp:
    """Lamps without bulbs: what they would show stands in `shown`, and on the public display."""

    def __init__(self) -> None:
        self.shown: dict[str, Light] = {}

    def show(self, lane: str, light: Light) -> None:
        self.shown[lane] = light


class LampRoom:
    """All lamps, on one thread. `lights_of()` reads the lights of now; `tell` hears all of them after each change."""

    def __init__(
        self, lamp: Lamp, lights_of: Callable[[], Mapping[str, Light]], tell: Callable[[Mapping[str, Light]], None]
    ) -> None:
        self._lamp, self._lights_of, self._tell = lamp, lights_of, tell
        self._shown: dict[str, Light] = {}
        self._told: Mapping[str, Light] = {}
        self._is_due = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lamps", daemon=True)

    def start(self) -> None:
        self._is_due.set()
        self._thread.start()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Hear what was committed; a subscriber of the bus."""
        if any(isinstance(entry.event, _TELLING) for entry in entries):
            self._is_due.set()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """False when a lamp kept us longer."""
        self._over.set()
        self._is_due.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._over.is_set():
            is_news = self._is_due.wait(AGAIN_S)
            self._is_due.clear()
            if self._over.is_set():
                return
            try:
                self._light(is_anew=not is_news)
            except Exception:  # a store that cannot be read now can be in half a minute
                log.exception("the lamps could not be lit and will be tried again")

    def _light(self, *, is_anew: bool) -> None:
        lights = dict(self._lights_of())
        if lights != self._told:
            self._told = lights
            self._tell(lights)
        for lane, light in lights.items():
            if is_anew or self._shown.get(lane) is not light:
                self._show(lane, light)
        for lane in self._shown.keys() - lights.keys():
            self._show(lane, Light.CLOSED)
        self._shown = {lane: light for lane, light in self._shown.items() if lane in lights}

    def _show(self, lane: str, light: Light) -> None:
        try:
            self._lamp.show(lane, light)
            self._shown[lane] = light
        except OSError as error:
            self._shown.pop(lane, None)  # it is told again with the next change, whichever lane that is of
            log.warning("the lamp of a lane cannot be reached", extra={"terminal": lane, "error": str(error)})
