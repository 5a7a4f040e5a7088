"""What the figures were measured on and with. Names no path, host or user of the machine."""

import os
import platform
import re
import resource
import subprocess
import time
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


class Neighbours:
    """How busy everybody else kept the processors since this was made."""

    def __init__(self) -> None:
        self.began, self.busy_s, self.own_s = time.monotonic(), busy_s(), own_s()

    def share(self) -> float:
        """Of all processors, 0 to 1."""
        room_s = (time.monotonic() - self.began) * (os.cpu_count() or 1)
        others_s = (busy_s() - self.busy_s) - (own_s() - self.own_s)
        return max(0.0, others_s / room_s)


def busy_s() -> float:
    """Processor seconds that the whole machine spent in programs and for them, since it started."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def own_s() -> float:
    """Processor seconds of this process and its children that ended."""
    return sum(os.times()[:4])


def allow_descriptors() -> None:
    """Lets this process and its children open as many sockets as the system permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
