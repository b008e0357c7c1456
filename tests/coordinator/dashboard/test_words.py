"""How times, spans, figures and acts read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from coordinator.dashboard import words

NOW = datetime(2026, 11, 22, 12, 41, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "1 day"),
        (3 * 86_400 + 7200, "3 days 2 h"),
    ],
)
def test_a_span_is_written_in_its_two_largest_units(seconds: float, expected: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == expected


def test_a_distance_says_whether_it_is_past_or_to_come() -> None:
    assert words.distance(NOW - timedelta(minutes=2), NOW) == "2 min ago"
    assert words.distance(NOW + timedelta(hours=1), NOW) == "in 1 h"
    assert words.distance(NOW, NOW) == "now"


def test_a_moment_is_in_utc_and_says_so() -> None:
    in_berlin = NOW.astimezone(timezone(timedelta(hours=1)))

    assert words.moment(in_berlin) == "22 Nov 2026, 12:41 UTC"
    assert words.exact_moment(in_berlin) == "2026-11-22 12:41:07 UTC"
    assert words.clock_time(in_berlin) == "12:41:07 UTC"


def test_what_is_undefined_is_a_dash_and_never_a_zero() -> None:
    assert words.share(None) == "–"
    assert words.share(0.0) == "0.000"


def test_a_change_has_a_sign() -> None:
    assert words.change(0.1) == "+0.100"
    assert words.change(-0.0315) == "−0.032"


def test_an_act_is_told_with_names_for_ids() -> None:
    names = {"3f": "Charité", "9a": "Dr. Okonkwo"}

    assert words.actor("site 3f", names) == "Site Charité"
    assert words.actor("site ff", names) == "Site ff"
    assert words.actor("operator", names) == "Operator"
    subject: dict[str, str | int] = {
        "round_number": 7,
        "update_count": 1,
        "site_count": 3,
        "site_id": "3f",
    }
    assert words.about(subject, names) == "round 7, 1 update, 3 sites, Charité"
