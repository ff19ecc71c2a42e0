"""Show how far a run is: bars with bytes, rate and time left on a terminal, plain lines elsewhere; then a
table.

Names of files come from outside: they are printed by source_files.shown and never read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from .source_files import SourceFile, shown
from .take_in import Outcome, Result

_COLOURS = {Outcome.TAKEN_IN: "green", Outcome.ALREADY: "cyan", Outcome.FAILED: "red"}


class TerminalWatcher:
    """One bar for all bytes and one for the file that is being sent."""

    def __init__(self, console: Console, total_bytes: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._total = total_bytes
        self._all = self._progress.add_task("all files", total=total_bytes)
        self._tasks: dict[SourceFile, TaskID] = {}
        self._counted: dict[SourceFile, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def total_sent(self) -> int:
        """Bytes sent so far, those sent twice counted once."""
        return sum(self._counted.values())

    def begins(self, source: SourceFile) -> None:
        self._tasks[source] = self._progress.add_task(shown(source.relative), total=source.size)

    def reached(self, source: SourceFile, offset: int) -> None:
        if source not in self._counted:
            # What an earlier run sent counts as done, and not into this run's rate.
            self._counted[source] = offset
            self._progress.reset(self._tasks[source], completed=offset)
            if offset:
                self._progress.reset(self._all, completed=self.total_sent)
        # What is sent again after an interruption is not counted twice.
        self._counted[source] = max(offset, self._counted[source])
        self._progress.update(self._tasks[source], completed=offset)
        self._progress.update(self._all, completed=self.total_sent)
        if offset == source.size:
            self._progress.remove_task(self._tasks.pop(source))
        if self.total_sent == self._total:
            self._progress.update(self._all, description="all sent, the server is checking")

    def ended(self, result: Result) -> None:
        for source in [source for source in self._tasks if source.path == result.path]:
            self._progress.remove_task(self._tasks.pop(source))
        if result.outcome is Outcome.FAILED:
            self._progress.console.print(_line(result))


class PlainWatcher:
    """One line of plain text for each file that is done, told to whoever listens."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def begins(self, source: SourceFile) -> None:
        """Say nothing yet."""

    def reached(self, source: SourceFile, offset: int) -> None:
        """Say nothing yet."""

    def ended(self, result: Result) -> None:
        self._say(f"  {result.outcome}: {shown(result.path.name)}. {result.sentence}")


def _line(result: Result) -> Text:
    return Text.assemble(
        (str(result.outcome), _COLOURS[result.outcome]), f"  {shown(result.path.name)}  {result.sentence}"
    )


def summary(console: Console, results: Sequence[Result]) -> None:
    """Print what became of every file, and the counts."""
    table = Table(box=None, pad_edge=False)
    for head in ("File", "Outcome", "SHA-256", "Remark"):
        table.add_column(head, overflow="fold")
    for result in results:
        table.add_row(
            Text(shown(result.path.name)),
            Text(str(result.outcome), style=_COLOURS[result.outcome]),
            Text(result.sha256[:16] + ("…" if result.sha256 else "")),
            Text(result.sentence),
        )
    console.print(table)
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    console.print(Text(", ".join(f"{count} {outcome}" for outcome, count in counts.items())))
