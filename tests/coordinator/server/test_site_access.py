"""Who asks is found out at every request, and guesses are counted, whichever route is asked."""

from collections.abc import Callable
from http import HTTPStatus

import pytest

from coordinator.protocol import round_path, study_path
from tests.coordinator.conftest import LiveCoordinator

GUESSES = 61
"""One more than an address has in a minute."""


@pytest.mark.parametrize("path_of", [round_path, study_path])
def test_wrong_credentials_are_counted_as_guesses_and_hold_up_no_right_one(
    live: LiveCoordinator, path_of: Callable[[str], str]
) -> None:
    site = live.running_study(2)[0]
    path = path_of(site.study_id)

    def status(credential: str) -> int:
        bearer = {"Authorization": f"Bearer {credential}"}
        return live.request("GET", path, headers=bearer).status_code

    assert status(site.credential) == HTTPStatus.OK
    guesses = [status("f" * 64) for _ in range(GUESSES)]
    assert guesses == [HTTPStatus.UNAUTHORIZED] * (GUESSES - 1) + [HTTPStatus.TOO_MANY_REQUESTS]
    assert status(site.credential) == HTTPStatus.OK
