"""The shell page of a screen: one script, one style sheet, no inline anything, read from the built manifest.

`static/app/manifest.json` names the hashed files of each screen: `{"lane": {"js": ..., "css": ...}, ...}`. Without it
(a checkout whose screens were never built) every page says plainly how to build them.
"""

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from babel import Locale
from flask import Response, render_template

log = logging.getLogger("kiosk.edge")

UNBUILT = "unbuilt"


class Bundle(msgspec.Struct, frozen=True):
    """The files of one screen, as paths below static/app/. `chunks` are what `js` imports at once."""

    js: str | None = None
    css: str | None = None
    chunks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    bundles: dict[str, Bundle] = field(default_factory=dict)
    build: str = UNBUILT


class Shell:
    """Reads the manifest again when it changes on disk, so a rebuilt screen needs no restart."""

    def __init__(self, static_dir: Path, version: str) -> None:
        self.manifest_path = static_dir / "app" / "manifest.json"
        self._version = version
        self._stamp: tuple[int, int] | None = None
        self._manifest = Manifest()

    @property
    def build(self) -> str:
        """Changes whenever the pages do; a client that runs another one is told to reload."""
        return self._current().build

    def bundle(self, screen: str) -> Bundle | None:
        return self._current().bundles.get(screen)

    def page(self, screen: str, languages: tuple[str, ...]) -> Response:
        """The shell of `screen`, or a page that says how to build it."""
        bundle = self.bundle(screen)
        if bundle is None or not bundle.js:
            return Response(render_template("unbuilt.html", screen=screen), 503, {"Cache-Control": "no-store"})
        language = languages[0] if languages else "en"
        page = render_template(
            "shell.html",
            screen=screen,
            bundle=bundle,
            build=self.build,
            language=language,
            direction=Locale.parse(language).text_direction,
        )
        return Response(page, headers={"Cache-Control": "no-store"})

    def _current(self) -> Manifest:
        try:
            status = self.manifest_path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._manifest, self._stamp = self._read(), stamp
        except FileNotFoundError:
            self._manifest, self._stamp = Manifest(), None
        except (OSError, msgspec.MsgspecError) as error:
            # Half-written by a build that runs right now: the last good one serves until it is whole.
            log.warning("the manifest of the screens cannot be read", extra={"error": str(error)})
        return self._manifest

    def _read(self) -> Manifest:
        body = self.manifest_path.read_bytes()
        rows: dict[str, Any] = msgspec.json.decode(body)
        bundles = {name: msgspec.convert(row, Bundle) for name, row in rows.items() if isinstance(row, dict)}
        return Manifest(bundles, hashlib.sha256(self._version.encode() + body).hexdigest()[:12])
