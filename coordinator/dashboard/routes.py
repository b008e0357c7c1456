"""The dashboard's routes: find out who asks, read once, show. Nothing is changed but sessions."""

from importlib import resources
from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool

from coordinator.access import audit
from coordinator.access.auth import invitations_out
from coordinator.access.owners import Owner, close_session, list_owners, open_session
from coordinator.dashboard.charts import leakage_chart, metric_chart
from coordinator.dashboard.history import attempts_of, newest_attempts
from coordinator.dashboard.measures import read_measures
from coordinator.dashboard.overview import read_overview, read_overviews
from coordinator.dashboard.pages import HOME_PATH, LOGIN_PATH, PageRoute, download, page, redirect
from coordinator.dashboard.roster import read_roster
from coordinator.dashboard.spreadsheet import as_csv
from coordinator.errors import CredentialRefusedError, PageUnknownError
from coordinator.rounds.explaining import explain_round
from coordinator.rounds.naming import site_names
from coordinator.server.context import At
from coordinator.server.owner_access import (
    hand_session_cookie,
    owner_of,
    take_session_cookie,
)
from coordinator.server.same_origin import check_same_origin
from coordinator.server.shown_secret import session_token
from coordinator.server.uploads import read_small
from coordinator.storage.studies import StudyRecord, find_study

CHARTED_ROUNDS: Final = 100
"""Rounds that the curves go back."""
_LISTED_ROUNDS: Final = 10
_ROUNDS_PER_PAGE: Final = 50
_LISTED_ENTRIES: Final = 8
_ENTRIES_PER_PAGE: Final = 500
_LARGEST: Final = 2**31 - 1
"""A round number that every database can compare."""
_STUDY: Final = HOME_PATH + "/studies/{study_id}"

router = APIRouter(route_class=PageRoute)
By = Annotated[Owner, Depends(owner_of)]
StudyId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]
Before = Annotated[int | None, Query(ge=1, le=_LARGEST)]


@router.get("/")
def lead_home() -> Response:
    """Send whoever types the bare address to the dashboard."""
    return redirect(HOME_PATH)


@router.get(f"{HOME_PATH}/style.css")
def send_style() -> Response:
    """Send the style sheet, which is no secret."""
    return _asset("coordinator.dashboard", "assets/style.css", "text/css")


@router.get(f"{HOME_PATH}/icon.svg")
def send_icon() -> Response:
    """Send the picture in the browser's tab."""
    return _asset("resources", "icons/siteblind.svg", "image/svg+xml")


@router.get(LOGIN_PATH)
def show_login(wanted: str = HOME_PATH) -> Response:
    """Ask for an owner credential."""
    return page("login", wanted=_own_path(wanted), refusal=None)


@router.post(LOGIN_PATH, dependencies=[Depends(check_same_origin)])
async def log_in(request: Request, at: At) -> Response:
    """Exchange the credential of the form for a session."""
    body = await read_small(request)

    def answer() -> Response:
        form = parse_qs(body.decode("ascii", errors="replace"))
        wanted = _own_path(form.get("wanted", [HOME_PATH])[0])
        credential = form.get("credential", [""])[0].strip()
        try:
            with at.store.writing() as connection:
                token = open_session(connection, credential, at.clock())
        except CredentialRefusedError as error:
            return page("login", error.http_status, wanted=wanted, refusal=str(error))
        response = redirect(wanted)
        hand_session_cookie(request, response, token)
        return response

    return await run_in_threadpool(answer)


@router.post(f"{HOME_PATH}/logout", dependencies=[Depends(check_same_origin)])
def log_out(request: Request, at: At) -> Response:
    """End the session."""
    token = session_token(request)
    if token is not None:
        with at.store.writing() as connection:
            close_session(connection, token)
    response = redirect(LOGIN_PATH)
    take_session_cookie(request, response)
    return response


@router.get(HOME_PATH)
def show_studies(at: At, owner: By) -> Response:
    """List the studies that the owner may see."""
    now = at.clock()
    with at.store.reading() as connection:
        overviews = read_overviews(connection, now, owner.study_id)
    return page("studies", owner=owner, now=now, overviews=overviews)


@router.get(_STUDY)
def show_study(study_id: StudyId, at: At, owner: By) -> Response:
    """Show how a study stands, its curves, its sites and what happened last."""
    now = at.clock()
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        names = site_names(connection, study_id)
        measures = read_measures(connection, study_id, CHARTED_ROUNDS)
        attempts = newest_attempts(connection, study_id, _LISTED_ROUNDS)
        return page(
            "study",
            owner=owner,
            now=now,
            overview=read_overview(connection, record, now),
            current=next((one for one in attempts if one.state == "collecting"), None),
            attempts=attempts,
            auc=metric_chart(measures.of_metric("auc"), names),
            balanced_accuracy=metric_chart(measures.of_metric("balanced_accuracy"), names),
            leakage=leakage_chart(measures.leakage),
            roster=read_roster(connection, record, measures.newest_by_domain(), now),
            invitations_out=invitations_out(connection, study_id, now),
            entries=audit.entries(connection, study_id, _LISTED_ENTRIES),
            names=names | _owner_names(connection, study_id),
        )


@router.get(f"{_STUDY}/rounds")
def show_rounds(study_id: StudyId, at: At, owner: By, before: Before = None) -> Response:
    """List the rounds of a study, the newest first."""
    now = at.clock()
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        attempts = newest_attempts(connection, study_id, _ROUNDS_PER_PAGE, before)
    return page("rounds", owner=owner, now=now, record=record, attempts=attempts)


@router.get(f"{_STUDY}/rounds/{{round_number}}")
def show_round(study_id: StudyId, round_number: Number, at: At, owner: By) -> Response:
    """Show everything about one round, and why its sites were picked.

    Raises:
        RoundUnknownError: if it was not opened yet.
    """
    now = at.clock()
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        explained = explain_round(connection, study_id, round_number)
        return page(
            "round",
            owner=owner,
            now=now,
            record=record,
            attempts=attempts_of(connection, study_id, round_number),
            explained={one.attempt: one for one in explained},
            names=site_names(connection, study_id),
        )


@router.get(f"{_STUDY}/figures")
def show_figures(study_id: StudyId, at: At, owner: By, before: Before = None) -> Response:
    """Show the figures behind the curves, the newest rounds first."""
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        names = site_names(connection, study_id)
        measures = read_measures(connection, study_id, _ROUNDS_PER_PAGE, before)
    return page("figures", owner=owner, record=record, names=names, measures=measures)


@router.get(f"{_STUDY}/figures.csv")
def send_figures(study_id: StudyId, at: At, owner: By) -> Response:
    """Send all figures of the sites as a table for other programs."""
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        names = site_names(connection, study_id)
        measures = read_measures(connection, study_id, record.study.rounds.count)
    return download(as_csv(measures, names), "text/csv", f"figures-{study_id}.csv")


@router.get(f"{_STUDY}/audit")
def show_audit(study_id: StudyId, at: At, owner: By) -> Response:
    """Show the newest entries of the audit log that concern a study."""
    with at.store.reading() as connection:
        record = _study(connection, owner, study_id)
        names = site_names(connection, study_id) | _owner_names(connection, study_id)
        entries = audit.entries(connection, study_id, _ENTRIES_PER_PAGE)
    return page(
        "audit",
        owner=owner,
        record=record,
        names=names,
        entries=entries,
        limit=_ENTRIES_PER_PAGE,
    )


@router.get(f"{HOME_PATH}/{{rest:path}}")
def refuse_unknown(rest: str, _owner: By) -> Response:
    """Say that there is no such page, in a page."""
    raise PageUnknownError(f"There is no page {rest!r}; begin again from the list of studies")


def _study(connection: Connection, owner: Owner, study_id: str) -> StudyRecord:
    owner.check_may_see(study_id)
    return find_study(connection, study_id)


def _owner_names(connection: Connection, study_id: str) -> dict[str, str]:
    return {owner.owner_id: owner.owner_name for owner in list_owners(connection, study_id)}


def _own_path(wanted: str) -> str:
    """Return where to go after the login: never out of the dashboard, whatever a link says."""
    is_own = wanted == HOME_PATH or wanted.startswith(f"{HOME_PATH}/")
    is_plain = all(sign.isalnum() or sign in "/_-." for sign in wanted)
    return wanted if is_own and is_plain and ".." not in wanted else HOME_PATH


def _asset(package: str, path: str, media_type: str) -> Response:
    content = resources.files(package).joinpath(path).read_bytes()
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
