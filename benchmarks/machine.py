"""What the figures were measured on and with. Names no path, host or user of the machine."""

import os
import platform
import re
import resource
import subprocess
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("flask-socketio", "python-socketio", "python-engineio", "waitress", "wsproto")


def describe() -> dict[str, str]:
    """Processor, memory, kernel, and the versions that matter."""
    return {
        "processor": f"{os.cpu_count()} x {processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": node(),
        **{package: version(package) for package in PACKAGES},
    }


def processor() -> str:
    """Its marketing name, where the kernel tells it."""
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def node() -> str:
    """Node's version, or that there is none."""
    try:
        done = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return "not installed"
    return done.stdout.strip()


def load_average() -> float:
    """How busy others keep the machine; above a tenth of its cores the spread will show it."""
    return os.getloadavg()[0]


def allow_descriptors() -> None:
    """Lets this process and its children open as many sockets as the system permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
