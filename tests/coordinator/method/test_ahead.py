"""Results that threads compute ahead of whoever takes them."""

import threading
import time

import pytest

from coordinator.method.ahead import AHEAD_COUNT, ahead


def test_results_come_in_the_order_of_their_items() -> None:
    def late_if_even(number: int) -> int:
        time.sleep(0.002 * (number % 2 == 0))
        return 10 * number

    assert list(ahead(late_if_even, range(20))) == [10 * number for number in range(20)]


def test_nothing_comes_of_nothing() -> None:
    assert list(ahead(str, [])) == []


def test_no_more_is_begun_than_may_wait() -> None:
    begun: list[int] = []
    results = ahead(begun.append, range(100))
    for taken_count in range(1, 4):
        next(results)
        time.sleep(0.05)
        assert len(begun) == taken_count + AHEAD_COUNT
    results.close()


def test_next_results_are_computed_while_one_is_used() -> None:
    begun = [threading.Event() for _ in range(3)]
    results = ahead(lambda number: begun[number].set(), range(3))
    next(results)
    assert all(event.wait(5) for event in begun)
    results.close()


def test_error_comes_in_the_place_of_the_result() -> None:
    def refuse_two(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    results = ahead(refuse_two, range(10))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
