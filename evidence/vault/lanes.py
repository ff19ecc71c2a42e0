"""Lanes: kinds of work that run side by side, each in a thread of its own, over the same items in order.

The caller gives items and waits where a lane falls behind, so what is under way has a bound. What a lane raises
is raised in the caller, at the next call that waits or gives. Leaving the block ends every thread, whatever
happened: on the way out of an error what was not begun is dropped. What the items are is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class _End:
    """The last thing a lane is given."""


class Lanes(Generic[Item]):
    """Threads that each do one work on every item; use them as a context manager, from one thread only."""

    def __init__(self, works: tuple[Callable[[Item], object], ...], *, depth: int) -> None:
        """Start one thread for each work; at most `depth` items are under way in any of them."""
        self._inboxes: list[SimpleQueue[Item | _End]] = [SimpleQueue() for _ in works]
        # One entry for each item a lane is done with: the lane's number, and what it raised.
        self._reports: SimpleQueue[tuple[int, BaseException | None]] = SimpleQueue()
        self._behind = [0] * len(works)
        self._depth = depth
        self._failure: BaseException | None = None
        self._dropping = False
        self._threads: list[Thread] = []
        try:
            for number, work in enumerate(works):
                thread = Thread(target=self._run, args=(number, work), name=f"lane-{number}")
                thread.start()
                self._threads.append(thread)
        except BaseException:
            self._end()
            raise

    def give(self, item: Item) -> None:
        """Hand the item to every lane; it must not change until they are done with it.

        Raises what a lane raised.
        """
        self._raise_failure()
        for number, inbox in enumerate(self._inboxes):
            self._behind[number] += 1
            inbox.put(item)
        while self._note_report():
            pass
        while max(self._behind) > self._depth:
            self._note(self._reports.get())

    def settle(self, *numbers: int) -> None:
        """Wait until these lanes, all where none is named, have done all they were given.

        Raises what a lane raised.
        """
        self._raise_failure()
        wanted = numbers or range(len(self._behind))
        while any(self._behind[number] for number in wanted):
            self._note(self._reports.get())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dropping = error is not None
        self._end()
        if error is None:
            while self._note_report():
                pass

    def _run(self, number: int, work: Callable[[Item], object]) -> None:
        inbox = self._inboxes[number]
        while not isinstance(item := inbox.get(), _End):
            if self._dropping:
                continue
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001  it is raised again in the caller
                self._reports.put((number, error))
                return
            del item  # a lane that waits holds nothing
            self._reports.put((number, None))

    def _note_report(self) -> bool:
        try:
            self._note(self._reports.get_nowait())
        except Empty:
            return False
        return True

    def _note(self, report: tuple[int, BaseException | None]) -> None:
        number, error = report
        self._failure = self._failure or error
        self._behind[number] -= 1
        self._raise_failure()

    def _raise_failure(self) -> None:
        # Again at every call: a lane that failed has ended, and waiting for it would never end.
        if self._failure is not None:
            raise self._failure

    def _end(self) -> None:
        for inbox in self._inboxes:
            inbox.put(_End())
        for thread in self._threads:
            thread.join()
