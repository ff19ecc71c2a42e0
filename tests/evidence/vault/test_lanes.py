"""Lanes: side by side and in order, what fails is told to the caller, and no thread outlives the block."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.vault.lanes import Lanes


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("lane-")] == []


class BrokenError(Exception):
    pass


def fail_at(number: int) -> list[int]:
    """Return a list that raises when this number is appended to it."""

    class Failing(list[int]):
        def append(self, item: int) -> None:
            if item == number:
                raise BrokenError(number)
            super().append(item)

    return Failing()


@given(count=st.integers(0, 40), lanes=st.integers(1, 4), depth=st.integers(1, 10))
@settings(max_examples=40, deadline=None)
def test_every_lane_sees_every_item_in_order(count: int, lanes: int, depth: int) -> None:
    seen: list[list[int]] = [[] for _ in range(lanes)]
    with Lanes(tuple(lane.append for lane in seen), depth=depth) as side_by_side:
        for number in range(count):
            side_by_side.give(number)
        side_by_side.settle()
        assert seen == [list(range(count))] * lanes


@given(count=st.integers(1, 30), at=st.integers(0, 40), lanes=st.integers(1, 3), lane=st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_a_failure_in_any_lane_at_any_item_is_raised_in_the_caller(
    count: int, at: int, lanes: int, lane: int
) -> None:
    seen: list[list[int]] = [[] for _ in range(lanes)]
    seen[lane % lanes] = fail_at(at)
    if at >= count:
        with Lanes(tuple(one.append for one in seen), depth=3) as side_by_side:
            for number in range(count):
                side_by_side.give(number)
        return
    with pytest.raises(BrokenError), Lanes(tuple(one.append for one in seen), depth=3) as side_by_side:
        for number in range(count):
            side_by_side.give(number)
        side_by_side.settle()
    assert seen[lane % lanes] == list(range(at))


def test_a_failure_nobody_waited_for_is_raised_at_the_end() -> None:
    with pytest.raises(BrokenError), Lanes((fail_at(0).append,), depth=3) as lanes:
        lanes.give(0)


def test_a_lane_that_failed_refuses_ever_after_and_never_makes_the_caller_wait() -> None:
    with Lanes((fail_at(0).append,), depth=1) as lanes, pytest.raises(BrokenError):
        lanes.give(0)
        lanes.settle()
    with pytest.raises(BrokenError), Lanes((fail_at(0).append,), depth=1) as lanes:
        with pytest.raises(BrokenError):
            lanes.give(0)
            lanes.settle()
        for again in (lambda: lanes.give(1), lanes.settle):
            with pytest.raises(BrokenError):
                again()
        raise BrokenError


def test_no_more_than_the_depth_is_ever_under_way() -> None:
    gate, begun = threading.Semaphore(0), []

    def wait_for_the_gate(number: int) -> None:
        begun.append(number)
        assert gate.acquire(timeout=30)

    with Lanes((wait_for_the_gate,), depth=2) as lanes:
        lanes.give(0)
        lanes.give(1)
        threading.Timer(0.05, gate.release, [1]).start()
        started = time.perf_counter()
        lanes.give(2)  # waits until one is done
        assert time.perf_counter() - started > 0.01
        gate.release(2)


def test_what_was_not_begun_is_dropped_when_the_caller_gives_up() -> None:
    gate, done = threading.Event(), []

    def work(number: int) -> None:
        assert gate.wait(timeout=30)
        done.append(number)

    with pytest.raises(KeyboardInterrupt), Lanes((work,), depth=8) as lanes:
        for number in range(8):
            lanes.give(number)
        threading.Timer(0.05, gate.set).start()
        raise KeyboardInterrupt
    assert len(done) <= 1
