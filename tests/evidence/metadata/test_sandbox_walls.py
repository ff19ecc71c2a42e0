"""Attacks on the walls: what a hostile parser tries to reach is refused by the kernel, and nothing has happened."""

import errno
import json
import os
import platform
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from evidence.metadata.sandbox import (
    Confinement,
    SandboxCrashed,
    SandboxUnavailable,
)
from tests.evidence.metadata import hostile_parsers
from tests.evidence.metadata.attacks import PROJECT, attack, children_of, refused


def test_the_same_attacks_succeed_where_there_are_no_walls(tmp_path: Path) -> None:
    """Without this, a mistake in an attack would look like a wall."""
    target = {"path": str(tmp_path / "out")}
    nothing = BytesIO()
    assert hostile_parsers.write_file(nothing, target, nothing) == 3
    assert hostile_parsers.read_file(nothing, target, nothing) == b"out".hex()
    assert hostile_parsers.list_folder(nothing, {"path": str(tmp_path)}, nothing) == ["out"]
    assert hostile_parsers.ask_for_file(nothing, target, nothing) == 3
    assert hostile_parsers.change_tree(nothing, {"call": "unlink", "with": [target["path"]]}, nothing) is None
    assert list(tmp_path.iterdir()) == []
    assert hostile_parsers.open_socket(nothing, {"family": "AF_INET", "type": "SOCK_DGRAM"}, nothing) > 0
    assert hostile_parsers.start_process(nothing, {}, nothing) == 0
    assert hostile_parsers.make_code(nothing, {}, nothing) == 4096
    assert hostile_parsers.read_file(nothing, {"path": "/proc/self/environ"}, nothing)


@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_can_be_opened(family: str, kind: str) -> None:
    refused("open_socket", family=family, type=kind)


def test_no_pair_of_sockets_can_be_made() -> None:
    refused("make_pair_of_sockets")


def test_no_file_can_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    refused("write_file", path=str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_the_evidence_itself_cannot_be_changed() -> None:
    with pytest.raises(SandboxCrashed) as caught:
        attack("change_input")
    assert caught.value.error == "OSError"
    assert f"[Errno {errno.EBADF}]" in caught.value.detail


@pytest.mark.parametrize(
    ("call", "also"),
    [
        ("unlink", []),
        ("rename", ["moved"]),
        ("mkdir", []),
        ("link", ["linked"]),
        ("symlink", ["linked"]),
        ("chmod", [0o777]),
        ("truncate", [0]),
        ("mkfifo", []),
    ],
)
def test_no_name_in_a_folder_can_be_changed(tmp_path: Path, call: str, also: list[object]) -> None:
    tmp_path.chmod(0o777)
    kept = tmp_path / "kept"
    kept.write_bytes(b"kept")
    kept.chmod(0o666)
    target = str(kept) + ("" if call not in ("mkdir", "mkfifo") else "new")
    more = [str(tmp_path / extra) if isinstance(extra, str) else extra for extra in also]
    refused("change_tree", call=call, **{"with": [target, *more]})
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_bytes() == b"kept"


def test_the_parent_s_environment_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBROKEN_SECRET", "in the parent")
    refused("read_file", path=f"/proc/{os.getpid()}/environ")
    refused("read_file", path="/proc/self/environ")
    refused("list_folder", path=f"/proc/{os.getpid()}/fd")
    assert attack("read_environment").value == {}


def test_the_vault_s_key_folder_cannot_be_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    key = tmp_path / "case.key"
    key.write_bytes(b"secret")
    key.chmod(0o644)
    refused("read_file", path=str(key))
    refused("list_folder", path=str(tmp_path))
    refused("ask_for_file", path=str(key))
    refused("read_file", path=str(PROJECT / "pyproject.toml"))


def test_no_handle_of_the_parent_is_inherited(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    secret = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        found = attack("name_open_handles").value
    finally:
        os.close(secret)
    # Three standard ones, the evidence and the result.
    assert len(found["open"]) == 5
    assert secret not in found["open"]


def test_root_becomes_nobody_where_it_may() -> None:
    result = attack("name_open_handles")
    if "nobody" in result.protection:
        assert result.value["user"] == 65534
    else:
        assert result.value["user"] == os.geteuid()


def test_no_program_can_be_started() -> None:
    refused("execute")
    refused("start_process")


def test_endless_forking_ends_at_the_first_fork() -> None:
    others = set(children_of(os.getpid()))
    refused("fork_endlessly")
    assert set(children_of(os.getpid())) <= others


def test_no_thread_can_be_started() -> None:
    with pytest.raises(SandboxCrashed) as caught:
        attack("start_thread")
    assert caught.value.error == "RuntimeError"


def test_no_other_process_can_be_signalled_or_traced() -> None:
    for number in (0, signal.SIGTERM, signal.SIGKILL):
        refused("kill_parent", signal=int(number))
    refused("trace_parent", machine=platform.machine())


X86_64 = {
    "ptrace": [101, 0],
    "process_vm_readv": [310, 1, 0, 0, 0, 0, 0],
    "mount": [165, 0, 0, 0, 0, 0],
    "bpf": [321, 0, 0, 0],
    "keyctl": [250, 0, 0],
    "io_uring_setup": [425, 1, 0],
    "unshare": [272, 0x10000000],
    "setns": [308, 0, 0],
    "openat2": [437, -100, 0, 0, 0],
    "memfd_create": [319, 0, 0],
    "perf_event_open": [298, 0, 0, -1, -1, 0],
    "pidfd_open": [434, 1, 0],
    "personality": [135, 0x0400000],
    "setuid": [105, 0],
    "prctl": [157, 4, 1, 0, 0, 0],
    "pkey_mprotect": [329, 0, 0, 4, -1],
}
AARCH64 = {
    "ptrace": [117, 0],
    "process_vm_readv": [270, 1, 0, 0, 0, 0, 0],
    "mount": [40, 0, 0, 0, 0, 0],
    "bpf": [280, 0, 0, 0],
    "keyctl": [219, 0, 0],
    "io_uring_setup": [425, 1, 0],
    "unshare": [97, 0x10000000],
    "setns": [268, 0, 0],
    "openat2": [437, -100, 0, 0, 0],
    "memfd_create": [279, 0, 0],
    "perf_event_open": [241, 0, 0, -1, -1, 0],
    "pidfd_open": [434, 1, 0],
    "personality": [92, 0x0400000],
    "setuid": [146, 0],
    "prctl": [167, 4, 1, 0, 0, 0],
    "pkey_mprotect": [288, 0, 0, 4, -1],
}
FORBIDDEN = {"x86_64": X86_64, "aarch64": AARCH64}[platform.machine()]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_system_call_is_refused(name: str) -> None:
    refused("call_kernel", call=FORBIDDEN[name])


def test_no_memory_can_become_code() -> None:
    refused("make_code")


def on_a_machine_without_seccomp(confinement: Confinement) -> dict[str, Any]:
    """Run in a process to which the kernel refuses seccomp, as some container runtimes do."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.evidence.metadata.machine_without_seccomp", confinement.value],
        cwd=PROJECT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def test_without_seccomp_nothing_is_parsed() -> None:
    assert on_a_machine_without_seccomp(Confinement.REQUIRED)["error"] == SandboxUnavailable.__name__


def test_without_seccomp_the_caller_may_ask_for_less_and_is_told_what_stood() -> None:
    answer = on_a_machine_without_seccomp(Confinement.DEGRADED)
    assert answer["value"] == {"size": 3, "said": "x"}
    assert "limits" in answer["protection"]
    assert "seccomp" not in answer["protection"]
