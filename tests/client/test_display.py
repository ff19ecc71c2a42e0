"""Bars on a terminal, lines elsewhere; names from outside never act on the screen."""

import io
from pathlib import Path

from rich.console import Console

from custody.client.display import PlainWatcher, TerminalWatcher, summary
from custody.client.source_files import SourceFile
from custody.client.take_in import Outcome, Result

HOSTILE = Path("/x/[red]name\x1b[2J[bold]")


def source(path: Path, size: int) -> SourceFile:
    return SourceFile(path, path.name, size, 1)


def test_bars_count_bytes_sent_again_once() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    one = source(HOSTILE, 1000)
    with TerminalWatcher(console, 1000) as bars:
        bars.begins(one)
        for offset in (0, 400, 100, 1000):
            bars.reached(one, offset)
        bars.ended(Result(HOSTILE, Outcome.FAILED, "Refused."))
        assert bars.total_sent == 1000
    said = screen.getvalue()
    assert "[red]name" in said
    assert "\x1b[2J" not in said
    assert "Refused." in said


def test_lines_tell_each_file_that_is_done() -> None:
    said: list[str] = []
    PlainWatcher(said.append).ended(Result(HOSTILE, Outcome.TAKEN_IN, "Exhibit A."))
    assert said == ["  taken in: [red]name\\x1b[2J[bold]. Exhibit A."]


def test_the_summary_names_every_file_and_counts_the_outcomes() -> None:
    screen = io.StringIO()
    results = [
        Result(HOSTILE, Outcome.TAKEN_IN, "Exhibit A.", "ab" * 32),
        Result(Path("two"), Outcome.FAILED, "Empty."),
    ]
    summary(Console(file=screen, width=160), results)
    said = screen.getvalue()
    assert "[red]name\\x1b[2J[bold]" in said
    assert "abababababababab…" in said
    assert "1 taken in, 0 already taken in, 1 failed" in said
