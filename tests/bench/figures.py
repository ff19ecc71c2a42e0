"""Prints measured figures, one a line: figure NAME VALUE GOAL met|short. A figure never fails the run.

A line `note NAME VALUE` tells what a figure was measured with; it has no goal.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path


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
