"""Names that stand for others: always the same, never guessed."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from desktop_client.imaging.deidentify.dates import shift_text
from desktop_client.imaging.deidentify.pseudonyms import Pseudonyms

ONE, OTHER = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)


def test_one_installation_always_gives_the_same_name_and_another_another() -> None:
    assert ONE.patient("a") == ONE.patient("a") != ONE.patient("b")
    assert ONE.patient("a") != OTHER.patient("a")


def test_what_is_named_alike_does_not_share_a_name() -> None:
    said = str(UUID(int=1))
    names = {ONE.patient(said)[2:], ONE.scanner(UUID(int=1))[2:], ONE.image(said)[2:]}
    assert len(names) == 3


@given(st.text())
def test_an_identifier_is_a_uuid_as_dicom_wants_it(original: str) -> None:
    uid = ONE.uid(original)
    assert len(uid) <= 64
    made = UUID(int=int(uid.removeprefix("2.25.")))
    assert (made.version, made.variant) == (8, "specified in RFC 4122")


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_dates_move_back_by_the_same_days_so_that_intervals_stay(one: date, other: date) -> None:
    moved = ONE.shifted(one, "patient"), ONE.shifted(other, "patient")
    assert moved[0] - moved[1] == one - other
    assert timedelta(days=400) <= one - moved[0] <= timedelta(days=3650)


def test_a_text_is_moved_in_the_way_it_was_written() -> None:
    def back(day: date) -> date:
        return day - timedelta(days=1)

    assert shift_text("20260301", back) == "20260228"
    assert shift_text("2026.03.01", back) == "2026.02.28"
    assert shift_text("20260301093000.5+0100", back) == "20260228093000.5+0100"
    assert [shift_text(text, back) for text in ("2026", "202603", "20260230", "today", "")] == [
        *("", "", "", "", "")
    ]
