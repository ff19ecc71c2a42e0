"""Prints measured figures, one a line: figure NAME VALUE GOAL met|short. A figure never fails the run.

A line `note NAME VALUE` tells what a figure was measured with; it has no goal.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def at_most(name: str, value: float, goal: float) -> None:
    """Print a figure that is good when it is small."""
    _figure(name, value, f"<={goal:g}", value <= goal)


def at_least(name: str, value: float, goal: float) -> None:
    """Print a figure that is good when it is large."""
    _figure(name, value, f">={goal:g}", value >= goal)


def note(name: str, value: object) -> None:
    """Print a value without a goal."""
    print(f"note {name} {value:.4g}" if isinstance(value, float) else f"note {name} {value}", flush=True)


def load() -> None:
    """Print how busy the machine is: processes that want to run, on average over the last minute."""
    note("load_average", f"{os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")


class Others:
    """What other programs take of the processors while something is measured here."""

    def __init__(self, patience: float) -> None:
        """Be ready to wait so many seconds, in all, for the others to be quiet."""
        self._patience = patience
        self._shares: list[float] = []

    def wait(self) -> None:
        """Wait until they took less than a tenth of one processor for half a second, or patience has ended."""
        while self._patience > 0:
            started = time.monotonic()
            busy = _busy_seconds()
            time.sleep(0.5)
            quiet = _busy_seconds() - busy < 0.05
            self._patience -= time.monotonic() - started
            if quiet:
                return

    def watch(self, work: Callable[[], T]) -> T:
        """Do the work, and note what the others took meanwhile."""
        started, busy = time.monotonic(), _busy_seconds() - _own_seconds()
        done = work()
        self._shares.append((_busy_seconds() - _own_seconds() - busy) / (time.monotonic() - started))
        return done

    def note(self, name: str) -> None:
        """Print how many processors they took, in the median and at most; some of it is the kernel's, for us."""
        middle, most = percentile(self._shares, 0.5), max(self._shares)
        note(name, f"{middle:.2f} in the median, {most:.2f} at most, of {os.cpu_count()}")


def _busy_seconds() -> float:
    """Return the time all processors were not idle, since the start of the machine."""
    numbers = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _waiting, *interrupts = map(int, numbers)
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _figure(name: str, value: float, goal: str, met: bool) -> None:
    # Rounded for the eye only after it was judged; four digits are more than a shared machine can promise.
    print(f"figure {name} {value:.4g} {goal} {'met' if met else 'short'}", flush=True)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call took by the wall clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the shortest of several calls, in seconds: on a shared machine the others measure its neighbours."""
    return min(seconds(work) for _ in range(times))


def peak_mib() -> float:
    """Return the most memory this process ever held, in MiB (VmHWM: resident, shared libraries included)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell a process's peak memory")


def size(name: str, usual: int) -> int:
    """Return a size from the environment, as `make bench NAME=…` hands it on."""
    return int(os.environ.get(name) or usual)
