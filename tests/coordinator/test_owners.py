"""Owner credentials, and the sessions that browsers get for them."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request, Response
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from coordinator.access.audit import entries
from coordinator.access.owners import (
    IssuedOwner,
    Owner,
    authenticate_owner,
    close_session,
    issue_owner,
    list_owners,
    open_session,
    owner_of_session,
    revoke_owner,
)
from coordinator.app import create_app
from coordinator.errors import (
    CredentialRefusedError,
    OwnerUnknownError,
    SettingsInvalidError,
    StudyUnknownError,
)
from coordinator.server.owner_access import (
    hand_session_cookie,
    owner_of,
    take_session_cookie,
)
from coordinator.server.settings import read_settings
from coordinator.server.shown_secret import SESSION_COOKIE
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from coordinator.storage.tables import owner_credentials, owner_sessions, studies
from tests.coordinator.conftest import Clock

HOUR_S = 3600


@pytest.fixture
def study_id(store: Store, clock: Clock) -> str:
    with store.writing() as connection:
        for name in ("s", "other"):
            row = {"study_id": name, "study": _STUDY, "created_at": clock()}
            connection.execute(insert(studies).values(row))
    return "s"


_STUDY = """{"name": "Moles", "task": "Tell nevus from melanoma", "classes": [
  {"class_id": "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001", "name": "nevus"},
  {"class_id": "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002", "name": "melanoma"}]}"""


@pytest.fixture
def issued(store: Store, clock: Clock, study_id: str) -> IssuedOwner:
    with store.writing() as connection:
        return issue_owner(connection, "Dr. Berger", study_id, clock())


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_owner_without_a_name_is_none(store: Store, clock: Clock, name: str) -> None:
    with pytest.raises(SettingsInvalidError, match="needs a name"), store.writing() as connection:
        issue_owner(connection, name, None, clock())


def owner_with(store: Store, credential: str | None) -> Owner:
    with store.reading() as connection:
        return authenticate_owner(connection, credential)


def log_in(store: Store, clock: Clock, credential: str) -> str:
    with store.writing() as connection:
        return open_session(connection, credential, clock())


def owner_in(store: Store, clock: Clock, token: str) -> Owner:
    with store.reading() as connection:
        return owner_of_session(connection, token, clock())


def test_credential_has_256_random_bits_and_is_kept_as_a_hash_only(
    store: Store, issued: IssuedOwner
) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", issued.credential)
    with store.reading() as connection:
        row = connection.execute(select(owner_credentials)).one()
    assert issued.credential not in str(row)


def test_credential_names_its_owner_and_the_study_it_is_for(
    store: Store, issued: IssuedOwner
) -> None:
    assert owner_with(store, issued.credential) == Owner(issued.owner_id, "Dr. Berger", "s")


def test_owner_of_one_study_sees_no_other_and_learns_nothing_of_it(
    store: Store, issued: IssuedOwner
) -> None:
    owner = owner_with(store, issued.credential)
    owner.check_may_see("s")
    for hidden in ("other", "nowhere"):
        with pytest.raises(StudyUnknownError, match=f"no study '{hidden}'"):
            owner.check_may_see(hidden)


def test_owner_of_all_studies_sees_each(store: Store, clock: Clock, study_id: str) -> None:
    with store.writing() as connection:
        issued = issue_owner(connection, "Chief", None, clock())
    owner = owner_with(store, issued.credential)
    assert owner.study_id is None
    owner.check_may_see(study_id)


def test_owner_of_an_unknown_study_cannot_be_made(store: Store, clock: Clock) -> None:
    with store.writing() as connection, pytest.raises(StudyUnknownError):
        issue_owner(connection, "Nobody", "nowhere", clock())


@pytest.mark.parametrize("credential", [None, "", "c" * 43, "\ud800"])
def test_credential_that_was_never_issued_is_refused(
    store: Store, issued: IssuedOwner, credential: str | None
) -> None:
    with pytest.raises(CredentialRefusedError, match="owner credential"):
        owner_with(store, credential)


def test_revoked_credential_and_its_sessions_are_void(
    store: Store, clock: Clock, issued: IssuedOwner
) -> None:
    token = log_in(store, clock, issued.credential)
    with store.writing() as connection:
        revoke_owner(connection, issued.owner_id, clock())
        revoke_owner(connection, issued.owner_id, clock())  # repeating it changes nothing
    with pytest.raises(CredentialRefusedError, match="was revoked"):
        owner_with(store, issued.credential)
    with pytest.raises(CredentialRefusedError, match="session is over"):
        owner_in(store, clock, token)
    with store.reading() as connection:
        (owner,) = list_owners(connection)
        assert owner.is_revoked
        assert [e.action for e in entries(connection)].count("owner_revoked") == 1


def test_owner_who_is_unknown_cannot_be_revoked(store: Store, clock: Clock) -> None:
    with store.writing() as connection, pytest.raises(OwnerUnknownError, match="no owner 'x'"):
        revoke_owner(connection, "x", clock())


def test_owners_are_listed_for_all_or_for_one_study(
    store: Store, clock: Clock, issued: IssuedOwner
) -> None:
    with store.writing() as connection:
        for name, study_id in (("Chief", None), ("Other", "other")):
            clock.turn(1)
            issue_owner(connection, name, study_id, clock())
        names = [owner.owner_name for owner in list_owners(connection)]
        of_study = [owner.owner_name for owner in list_owners(connection, "s")]
    assert names == ["Dr. Berger", "Chief", "Other"]
    assert of_study == ["Dr. Berger", "Chief"]


def test_session_lasts_twelve_hours_and_is_kept_as_a_hash_only(
    store: Store, clock: Clock, issued: IssuedOwner
) -> None:
    token = log_in(store, clock, issued.credential)
    with store.reading() as connection:
        assert token not in str(connection.execute(select(owner_sessions)).one())
    clock.turn(12 * HOUR_S - 1)
    assert owner_in(store, clock, token).name == "Dr. Berger"
    clock.turn(1)
    with pytest.raises(CredentialRefusedError, match="session is over"):
        owner_in(store, clock, token)


def test_session_that_is_over_is_forgotten_at_the_next_login(
    store: Store, clock: Clock, issued: IssuedOwner
) -> None:
    log_in(store, clock, issued.credential)
    clock.turn(12 * HOUR_S)
    log_in(store, clock, issued.credential)
    with store.reading() as connection:
        assert len(connection.execute(select(owner_sessions)).all()) == 1


def test_session_that_was_closed_is_over(store: Store, clock: Clock, issued: IssuedOwner) -> None:
    token = log_in(store, clock, issued.credential)
    with store.writing() as connection:
        close_session(connection, token)
        close_session(connection, token)  # a second window may log out, too
    with pytest.raises(CredentialRefusedError):
        owner_in(store, clock, token)


def test_issue_login_and_revocation_are_audited_without_any_secret(
    store: Store, clock: Clock, issued: IssuedOwner
) -> None:
    token = log_in(store, clock, issued.credential)
    with store.writing() as connection:
        revoke_owner(connection, issued.owner_id, clock())
        log = entries(connection)
    assert [entry.action for entry in log] == ["owner_revoked", "owner_logged_in", "owner_issued"]
    assert all(entry.study_id == "s" for entry in log)
    assert issued.credential not in str(log)
    assert token not in str(log)


@pytest.fixture
def app(store: Store, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application with a route that only owners reach, and one that hands out a session."""
    folder = tmp_path_factory.mktemp("data")
    app = create_app(store, BlobFolder(folder / "p"), clock, read_settings(data_folder=folder))

    @app.get("/who")
    def who(owner: Annotated[Owner, Depends(owner_of)]) -> str:
        return owner.name

    @app.get("/in/{token}")
    def enter(request: Request, response: Response, token: str) -> None:
        hand_session_cookie(request, response, token)

    @app.get("/out")
    def leave(request: Request, response: Response) -> None:
        take_session_cookie(request, response)

    return app


@pytest.fixture
def browser(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="https://coordinator") as client:
        yield client


def test_route_of_owners_wants_a_credential(browser: TestClient) -> None:
    assert browser.get("/who").status_code == 401
    wrong = browser.get("/who", headers={"Authorization": f"Bearer {'c' * 43}"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credential_refused")


def test_program_shows_its_credential(browser: TestClient, issued: IssuedOwner) -> None:
    answer = browser.get("/who", headers={"Authorization": f"Bearer {issued.credential}"})
    assert (answer.status_code, answer.json()) == (200, "Dr. Berger")


def test_browser_shows_its_session_until_it_logs_out(
    store: Store, clock: Clock, browser: TestClient, issued: IssuedOwner
) -> None:
    browser.get(f"/in/{log_in(store, clock, issued.credential)}")
    assert browser.get("/who").json() == "Dr. Berger"
    browser.get("/out")
    assert browser.get("/who").status_code == 401


def test_session_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(
    browser: TestClient,
) -> None:
    cookie = SimpleCookie(browser.get("/in/t").headers["Set-Cookie"])[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "strict")
    assert cookie["max-age"] == str(12 * HOUR_S)


def test_session_cookie_works_without_tls_on_this_machine(app: FastAPI) -> None:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        cookie = SimpleCookie(client.get("/in/t").headers["Set-Cookie"])[SESSION_COOKIE]
    assert not cookie["secure"]
