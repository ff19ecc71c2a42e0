"""One run from start to answer: its limits, its end, and answers that are not to be believed."""

import json
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest

from evidence.metadata.sandbox import (
    MIB,
    Limits,
    SandboxCrashed,
    SandboxError,
    SandboxLimit,
    SandboxTimeout,
    SandboxUnloadable,
    memory_input,
    run,
)
from tests.evidence.metadata.attacks import BRIEF, PARSERS, PROJECT, attack, children_of


def test_an_honest_parser_gets_file_and_arguments_and_gives_value_and_output() -> None:
    result = attack("honest", file=b"abc", say="Zoë ⟨名⟩")
    assert result.value == {"size": 3, "said": "Zoë ⟨名⟩"}
    assert result.output == b"cba"
    assert {"limits", "seccomp"} <= set(result.protection)


def test_evidence_may_come_as_an_open_file_and_serve_several_runs() -> None:
    data = os.urandom(3 * MIB + 7)
    with memory_input(BytesIO(data)) as memory:
        assert memory.size == len(data)
        for _ in range(2):
            result = run(PARSERS + "honest", file=memory, arguments={"say": ""}, limits=Limits())
            assert result.output == data[::-1]


def test_a_child_costs_less_than_three_tenths_of_a_second_of_a_processor() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(4):
        attack("honest", say="")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 4 * 0.3


def test_eating_memory_ends_at_the_limit() -> None:
    with pytest.raises(SandboxLimit, match="memory"):
        attack("eat_memory", Limits(seconds=20, memory_bytes=256 * MIB))


@pytest.mark.parametrize("name", ["loop", "sleep"])
def test_a_parser_that_does_not_end_is_killed(name: str) -> None:
    begin, others = time.monotonic(), set(children_of(os.getpid()))
    with pytest.raises(SandboxTimeout):
        attack(name, Limits(seconds=0.5))
    assert time.monotonic() - begin < 3
    assert set(children_of(os.getpid())) <= others


@pytest.mark.parametrize("name", ["print_a_gigabyte", "complain_a_gigabyte"])
def test_printing_a_gigabyte_ends_at_the_limit(name: str) -> None:
    with pytest.raises(SandboxLimit, match="printed"):
        attack(name)


@pytest.mark.parametrize("name", ["write_too_much_output", "flood_the_result"])
def test_an_answer_without_end_ends_at_the_limit(name: str) -> None:
    with pytest.raises(SandboxLimit):
        attack(name, Limits(output_bytes=4 * MIB))


def test_an_answer_just_over_the_limit_is_refused() -> None:
    limits = Limits(output_bytes=10_000)
    assert len(attack("answer_too_much", limits, size=9_000).value) == 9_000
    with pytest.raises(SandboxLimit):
        attack("answer_too_much", limits, size=10_000)


def test_evidence_over_the_limit_is_refused_before_any_child_starts() -> None:
    with pytest.raises(SandboxLimit, match="256 MiB"):
        run(PARSERS + "honest", file=_Endless(), arguments={}, limits=BRIEF)


def test_a_parser_that_is_killed_or_crashes_is_named_so() -> None:
    with pytest.raises(SandboxCrashed) as caught:
        attack("kill_self")
    assert caught.value.error == "SIGABRT"
    with pytest.raises(SandboxCrashed) as caught:
        attack("crash")
    assert caught.value.error == "SIGSEGV"


def test_a_child_killed_from_outside_is_a_crash() -> None:
    # Other tests of this process may keep a browser or a server: only the new child is killed.
    others = set(children_of(os.getpid()))

    def kill() -> None:
        deadline = time.monotonic() + 5
        while set(children_of(os.getpid())) <= others and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        for child in set(children_of(os.getpid())) - others:
            os.kill(child, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with pytest.raises(SandboxCrashed) as caught:
            attack("sleep")
    finally:
        killer.join()
    assert caught.value.error == "SIGKILL"


def test_the_child_dies_with_its_parent() -> None:
    program = (
        "from evidence.metadata.sandbox import run, Limits\n"
        f"run('{PARSERS}sleep', file=b'', arguments={{}}, limits=Limits(seconds=300))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT)
    try:
        child = _wait_for_child(parent.pid)
        # Long enough to be past lock(), whose change of user clears the first order to die.
        time.sleep(0.5)
    finally:
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def test_an_error_of_the_parser_is_reported_with_its_name() -> None:
    with pytest.raises(SandboxCrashed) as caught:
        attack("fail")
    assert (caught.value.error, caught.value.detail) == ("ValueError", "about the file")
    assert "about the file" not in str(caught.value)


def test_code_that_was_not_loaded_before_closing_cannot_be_loaded() -> None:
    with pytest.raises(SandboxCrashed) as caught:
        attack("load_late")
    assert caught.value.error == "ModuleNotFoundError"
    assert "before the sandbox was closed" in caught.value.detail


def test_an_answer_that_is_not_json_is_a_crash() -> None:
    with pytest.raises(SandboxCrashed):
        attack("answer_not_json")


def test_a_target_that_does_not_exist_is_our_error() -> None:
    for target in ("evidence.metadata.nothing:read", PARSERS + "nothing"):
        with pytest.raises(SandboxUnloadable):
            run(target, file=b"", arguments={}, limits=BRIEF)


def frame(head: bytes, output: bytes = b"", *, magic: bytes = b"UNBROKEN", claim: int | None = None) -> str:
    size = len(head) if claim is None else claim
    return (struct.pack(">8sQQ", magic, size, len(output)) + head + output).hex()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "00",
        frame(b'{"value": 1, "protection": []}', magic=b"BROKEN.."),
        frame(b'{"value": 1, "protection": []}', claim=2**63),
        frame(b'{"value": 1, "protection": []}', claim=3),
        frame(b"[" * 100_000),
        frame(b'{"value": 1' + b"1" * 10_000 + b', "protection": []}'),
        frame(b'{"value": NaN, "protection": []}'),
        frame(b'{"value": 1}'),
        frame(b'{"protection": []}'),
        frame(b"[]"),
        frame(b"\xff\xfe"),
    ],
)
def test_a_forged_answer_is_a_crash_and_nothing_else(forged: str) -> None:
    with pytest.raises(SandboxCrashed):
        attack("forge_the_result", frame=forged)


def test_an_injected_parser_can_only_lie_about_the_file() -> None:
    head = json.dumps({"value": "a lie", "protection": ["seccomp"]}).encode()
    assert attack("forge_the_result", frame=frame(head)).value == "a lie"
    for head in (b'{"unavailable": "x"}', b'{"unloadable": "x"}', b'{"limit": "x"}', b'{"error": 1}'):
        with pytest.raises(SandboxError):
            attack("forge_the_result", frame=frame(head))


def _wait_for_child(parent: int) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = children_of(parent)
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError("no child was started")


class _Endless(BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return bytes(size or 0)
