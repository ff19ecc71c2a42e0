"""Run one of the hostile parsers in the sandbox, and see which processes are left. Used by the sandbox's tests."""

import errno
from pathlib import Path
from typing import Any

import pytest

from evidence.metadata.sandbox import MIB, Limits, SandboxCrashed, SandboxResult, run

PARSERS = "tests.evidence.metadata.hostile_parsers:"
PROJECT = Path(__file__).resolve().parents[3]
BRIEF = Limits(seconds=10, memory_bytes=512 * MIB, output_bytes=MIB)


def attack(name: str, limits: Limits = BRIEF, file: bytes = b"evidence", **arguments: Any) -> SandboxResult:
    return run(PARSERS + name, file=file, arguments=arguments, limits=limits)


def refused(name: str, **arguments: Any) -> SandboxCrashed:
    """Run an attack that the filter must refuse; file permissions would answer EACCES, the filter says EPERM."""
    with pytest.raises(SandboxCrashed) as caught:
        attack(name, **arguments)
    assert caught.value.error == "PermissionError", caught.value.detail
    assert f"[Errno {errno.EPERM}]" in caught.value.detail
    return caught.value


def children_of(process: int) -> list[int]:
    """The living child processes of a process, from the kernel's own table."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(folder.name))
    return found
