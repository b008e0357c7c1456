import pytest

from desktop_client.gui.wording import Pace, counted, percent, time_left


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_one_thing_is_named_in_the_singular_and_thousands_have_commas() -> None:
    assert counted(1, "image", "images") == "1 image"
    assert counted(2000, "image", "images") == "2,000 images"


def test_an_undefined_share_is_said_to_be_undefined_and_never_zero() -> None:
    assert percent(None) == "undefined"
    assert percent(0.834) == "83 %"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (4, "a few seconds left"),
        (33, "about 30 seconds left"),
        (70, "about a minute left"),
        (600, "about 10 minutes left"),
        (7300, "about 2 hours left"),
    ],
)
def test_time_left_is_said_as_people_say_it(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_the_time_left_follows_from_the_pace_since_the_first_unit() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.seconds_left(10, 110) is None
    clock.now_s += 20
    # 20 images in 20 s, 80 to go: 80 s.
    assert pace.seconds_left(30, 110) == pytest.approx(80)


def test_no_time_is_named_in_the_first_second_when_it_would_be_a_guess() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.seconds_left(0, 100)
    clock.now_s += 0.5
    assert pace.seconds_left(50, 100) is None
