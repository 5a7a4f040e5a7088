"""The wheel, in an empty environment without node: the same screens, the same demo store, and it sells."""

import hashlib
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from store_process import PATIENCE_S, Process, Store, clean_environment, give

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "kiosk_server" / "static" / "app" / "manifest.json"


def run(command: list[str], folder: Path, **extra: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean_environment(**extra),
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MANIFEST.is_file():
        pytest.skip("the screens are not built here; `python hatch_build.py` builds them")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    run(build, folder, PIP_NO_INDEX="1")
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel.

    Its dependencies are those of this environment (by a .pth file), so that the test needs no network; ours is not
    among them, because an editable install stands behind the wheel's files on the path.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--target",
            str(packages),
            str(wheel),
        ],
        folder,
    )
    ours = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (packages / "dependencies.pth").write_text(f"{ours}\n")
    return folder / "bin"


def test_wheel_holds_screens_samples_and_migrations_and_no_sources_of_the_web(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert "kiosk_server/static/app/manifest.json" in names
    assert {
        f"kiosk_server/config_samples/{name}" for name in ("kiosk.toml", "demo/catalog.csv", "demo/menu.toml")
    } <= names
    assert any(name.startswith("kiosk_server/store/migrations/versions/") for name in names)
    assert any(name.startswith("kiosk_server/templates/") for name in names)
    assert not [name for name in names if name.startswith("kiosk_client/web") or "node_modules" in name]


def test_installed_wheel_serves_the_same_screens_without_node(installed: Path, tmp_path: Path) -> None:
    python = str(installed / "python")
    store = Store(tmp_path / "store")
    environment = store.environment | {"PATH": str(installed)}
    where = subprocess.run(
        [python, "-c", "import kiosk_server, shutil; print(kiosk_server.__file__, shutil.which('node'))"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    ).stdout
    assert where.split() == [
        str(next(installed.parent.glob("lib/python*/site-packages/kiosk_server/__init__.py"))),
        "None",
    ]

    demo = Process(
        [python, "-m", "kiosk_server", "demo", "--no-crowd", "--listen", "127.0.0.1:0"],
        environment | {"PYTHONIOENCODING": "utf-8"},
        cwd=tmp_path,
    )
    try:
        demo.says(lambda line: line.startswith("Ready in"))
        store.url = next(line for line in demo.lines if "is open at" in line).split()[-1]
        lane = next(line for line in demo.lines if "/enrol/" in line and " lane " in line).split()[-1]
        sold = give(store, lane.rpartition("/")[2], "k1", "scan_item", code="2000000000077")
        served = {name: fetch(f"{store.url}/static/app/{name}") for name in files_of(MANIFEST.parent)}
    finally:
        demo.clear_away()

    assert sold["result"]["line"]["name"] == "Bananas, bunch of five"
    assert served == {name: digest((MANIFEST.parent / name).read_bytes()) for name in served}
    assert any(name.startswith("lane-") for name in served)


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in {".js", ".css"})


def fetch(url: str) -> str:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=PATIENCE_S) as answer:
        return digest(answer.read())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("program", ["kiosk-server", "kiosk-client"])
def test_both_programs_start_from_the_wheel(installed: Path, tmp_path: Path, program: str) -> None:
    start = (
        "import sys; from importlib.metadata import distribution as d;"
        f"[e] = [e for e in d('kiosk-server').entry_points if e.name == '{program}'];"
        "sys.argv[1:] = ['--help']; sys.exit(e.load()())"
    )

    run([str(installed / "python"), "-c", start], tmp_path)
