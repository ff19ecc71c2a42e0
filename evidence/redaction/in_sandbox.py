"""Redact and check in the sandbox: what the rest of the house calls.

Each runs in a child process of its own, so that a file which takes over the redactor cannot influence the check. The
registry travels through the pipe and is on no command line, in no environment and on no disk. Answers of a child are
judged here; the check's child that gives none has not passed.
"""

from collections.abc import Sequence
from typing import Any, BinaryIO

from evidence.metadata.sandbox import MIB, Limits, SandboxError, SandboxResult, run
from evidence.redaction.registry import (
    Hit,
    Leak,
    LeakReport,
    Protected,
    Redacted,
    Spelling,
    UnsupportedError,
    to_arguments,
)

# A picture of 80 megapixels takes 240 MiB twice; the largest text ends within the time at a third of the usual speed.
REDACTION = Limits(seconds=300, memory_bytes=2048 * MIB, output_bytes=256 * MIB)
CHECK = Limits(seconds=300, memory_bytes=2048 * MIB, output_bytes=8 * MIB)
_REDACTOR = "evidence.redaction.redact:redact_child"
_CHECKER = "evidence.redaction.leak_check:check_child"


def redact_in_sandbox(
    file: BinaryIO | bytes, content_type: str, registry: Sequence[Protected], *, limits: Limits = REDACTION
) -> Redacted:
    """Return a redacted copy of file. Raises UnsupportedError with a sentence, or SandboxError."""
    result = run(_REDACTOR, file=file, arguments=_arguments(content_type, registry), limits=limits)
    value = result.value if isinstance(result.value, dict) else {}
    if isinstance(value.get("unsupported"), str):
        raise UnsupportedError(value["unsupported"])
    try:
        return _redacted(result, value)
    except (KeyError, TypeError, ValueError):
        raise SandboxError("the redactor gave no readable answer") from None


def check_in_sandbox(
    file: BinaryIO | bytes, content_type: str, registry: Sequence[Protected], *, limits: Limits = CHECK
) -> LeakReport:
    """Return the verdict of the leak check; a check that crashed, ran out of time or gave no answer did not pass."""
    try:
        result = run(_CHECKER, file=file, arguments=_arguments(content_type, registry), limits=limits)
        return _report(result.value)
    except SandboxError as problem:
        code = type(problem).__name__
    except (KeyError, TypeError, ValueError):
        code = "unreadable"
    return LeakReport(False, [Leak("check_did_not_finish", code)], [], ["The leak check did not finish."])


def _arguments(content_type: str, registry: Sequence[Protected]) -> dict[str, Any]:
    return {"content_type": content_type, "registry": to_arguments(registry)}


def _redacted(result: SandboxResult, value: dict[str, Any]) -> Redacted:
    hits = [
        Hit(str(pseudonym), str(kind), Spelling(spelling), str(part), int(position))
        for pseudonym, kind, spelling, part, position in value["hits"]
    ]
    return Redacted(
        result.output,
        str(value["content_type"]),
        hits,
        [str(r) for r in value["remarks"]],
        str(value["tool"]),
    )


def _report(value: Any) -> LeakReport:  # Any: JSON from the pipe
    findings = [Leak(*map(str, finding)) for finding in value["findings"]]
    engines = [{str(name): str(text) for name, text in engine.items()} for engine in value["engines"]]
    passed = value["passed"] is True and not findings and bool(engines)
    return LeakReport(passed, findings, engines, [str(sentence) for sentence in value["not_checked"]])
