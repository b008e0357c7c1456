"""An invitation as it comes out of a mail."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.errors import InvitationUnreadableError
from coordinator.invitation import MARK, Invitation, read_invitation, write_invitation

FINGERPRINT = "5f" * 32
INVITATION = Invitation(
    "https://study.example.org:8470", "ab" * 16, "7K2M-0QZD-91AB-CDEF-GHJK", FINGERPRINT
)
TEXT = write_invitation(INVITATION)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.from_regex(r"[a-z0-9]{1,32}", fullmatch=True),
    st.binary(min_size=32, max_size=32).map(bytes.hex) | st.just(""),
)
def test_what_is_written_is_read_again(host: str, study_id: str, fingerprint: str) -> None:
    invitation = Invitation(f"https://{host}", study_id, "CODE-1", fingerprint)
    assert read_invitation(write_invitation(invitation)) == invitation


@pytest.mark.parametrize(
    "mailed",
    [
        "\n".join(textwrap.wrap(TEXT, 50)),
        "\n".join(f"> > {line}" for line in textwrap.wrap(TEXT, 30)),
        TEXT.lower().replace("-", " "),
        TEXT.replace("-", "\u2013").replace("0", "o").replace("1", "I", 1),
        f"Dear colleague,\nto join SITEBLIND1 paste this:\n\n“{TEXT}”.\nBest wishes, 2026",
        "\u200b".join(TEXT),
    ],
    ids=["wrapped", "quoted twice", "typed", "made prettier", "whole mail", "invisible signs"],
)
def test_it_is_read_however_a_mail_has_altered_it(mailed: str) -> None:
    assert read_invitation(mailed) == INVITATION


def test_a_sign_that_is_missing_or_another_is_noticed() -> None:
    for place in range(len(MARK) + 1, len(TEXT)):
        other = "7" if TEXT[place] != "7" else "8"
        for damaged in (TEXT[:place] + TEXT[place + 1 :], TEXT[:place] + other + TEXT[place + 1 :]):
            if damaged.replace("-", "") == TEXT.replace("-", ""):
                continue  # a dash has no meaning
            try:
                assert read_invitation(damaged) == INVITATION  # spare bits at the very end
                assert place == len(TEXT) - 1
            except InvitationUnreadableError as error:
                assert "not whole" in str(error)  # noqa: PT017


@pytest.mark.parametrize("text", ["", "7K2M-0QZD-91AB-CDEF-GHJK", "https://study.example.org"])
def test_a_text_without_one_is_refused_with_what_to_look_for(text: str) -> None:
    with pytest.raises(InvitationUnreadableError, match=MARK):
        read_invitation(text)
