"""The dashboard's answers: to whom, with what headers, and what is never let through."""

import csv
import io
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import update

from coordinator.rounds.course import stop_study
from coordinator.storage.tables import sites
from tests.coordinator.conftest import LiveCoordinator, tiny_study
from tests.coordinator.dashboard.conftest import issue
from tests.coordinator.dashboard.scene import HOSPITALS, Scene

PAGES = ("", "/rounds", "/rounds/12", "/figures", "/figures.csv", "/audit")


def get(
    live: LiveCoordinator, path: str, credential: str | None = None, **options: object
) -> requests.Response:
    headers = {"Authorization": f"Bearer {credential}"} if credential else {}
    return live.request("GET", path, headers=headers, allow_redirects=False, **options)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_anything_of_a_study_without_signing_in(
    live: LiveCoordinator, scene: Scene, page: str
) -> None:
    path = f"/dashboard/studies/{scene.study_id}{page}"

    response = get(live, path)

    assert response.status_code == 303
    assert response.headers["Location"] == f"/dashboard/login?wanted={quote(path, safe='')}"
    assert response.text == ""


@pytest.mark.parametrize("page", PAGES)
def test_the_owner_of_one_study_cannot_tell_that_there_is_another(
    live: LiveCoordinator, scene: Scene, page: str
) -> None:
    credential = issue(live, live.create_study(tiny_study()))

    other = get(live, f"/dashboard/studies/{scene.study_id}{page}", credential)
    none = get(live, f"/dashboard/studies/{'0' * 32}{page}", credential)

    assert other.status_code == none.status_code == 404
    assert other.text.replace(scene.study_id, "0" * 32) == none.text


def test_the_owner_of_one_study_sees_it_alone_in_the_list(
    live: LiveCoordinator, scene: Scene
) -> None:
    live.create_study(tiny_study())

    own = get(live, "/dashboard", issue(live, scene.study_id)).text
    both = get(live, "/dashboard", issue(live)).text

    assert "Skin lesions, six hospitals" in own
    assert "Moles" not in own
    assert "Moles" in both


def test_a_site_credential_opens_no_page(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)

    response = get(live, f"/dashboard/studies/{site.study_id}", site.credential)

    assert response.status_code == 303


@pytest.mark.parametrize("page", PAGES)
def test_every_page_forbids_scripts_frames_and_anything_from_elsewhere(
    live: LiveCoordinator, scene: Scene, page: str
) -> None:
    response = get(live, f"/dashboard/studies/{scene.study_id}{page}", issue(live))

    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example", "//elsewhere.example", "/dashboard/../x", "/dashboards", "/v1"],
)
def test_signing_in_never_leads_out_of_the_dashboard(live: LiveCoordinator, wanted: str) -> None:
    form = {"credential": issue(live), "wanted": wanted}

    response = live.request("POST", "/dashboard/login", data=form, allow_redirects=False)

    assert response.status_code == 303
    assert response.headers["Location"] == "/dashboard"


@pytest.mark.parametrize("body", [b"", b"credential=", b"\xff\xfe", b"credential=%FF%00&wanted="])
def test_a_broken_login_form_is_refused_in_words(live: LiveCoordinator, body: bytes) -> None:
    response = live.request("POST", "/dashboard/login", data=body)

    assert response.status_code == 401
    assert 'role="alert"' in response.text


@pytest.mark.parametrize(
    "path", ["/rounds/26", "/rounds/0", "/rounds/-1", "/rounds/ten", "/nothing", "/rounds?before=x"]
)
def test_a_page_that_is_not_there_says_so_in_a_page(
    live: LiveCoordinator, scene: Scene, path: str
) -> None:
    response = get(live, f"/dashboard/studies/{scene.study_id}{path}", issue(live))

    assert response.status_code == 404
    assert "To the list of studies" in response.text


@pytest.mark.parametrize("number", [10**18, 10**30])
def test_an_absurd_round_number_is_no_failure(
    live: LiveCoordinator, scene: Scene, number: int
) -> None:
    path = f"/dashboard/studies/{scene.study_id}"
    credential = issue(live)

    assert get(live, f"{path}/rounds/{number}", credential).status_code == 404
    assert get(live, f"{path}/rounds?before={number}", credential).status_code in (200, 404)
    assert get(live, f"{path}/figures?before={number}", credential).status_code in (200, 404)


def test_a_study_without_sites_and_rounds_has_its_pages_too(live: LiveCoordinator) -> None:
    study_id, credential = live.create_study(tiny_study()), issue(live)

    for page in ("", "/rounds", "/figures", "/audit"):
        assert get(live, f"/dashboard/studies/{study_id}{page}", credential).status_code == 200
    text = get(live, f"/dashboard/studies/{study_id}", credential).text
    assert "No site has joined" in text
    assert "No round has opened yet" in text


def test_figures_can_be_had_as_csv(live: LiveCoordinator, scene: Scene) -> None:
    path = f"/dashboard/studies/{scene.study_id}/figures.csv"

    table = list(csv.DictReader(io.StringIO(get(live, path, issue(live)).text)))

    # 24 rounds of three sites, of whom one did not come, and the first of round 25.
    assert len(table) == 24 * 3 - 1 + 1
    assert table[0]["after_round"] == "24"
    assert table[0]["site"] == HOSPITALS[0]
    assert float(table[0]["auc"]) == pytest.approx(0.8316)


def test_a_site_cannot_put_a_formula_into_a_spreadsheet(
    live: LiveCoordinator, scene: Scene
) -> None:
    with live.store.writing() as connection:
        named = sites.c.site_id == scene.site_id(0)
        connection.execute(update(sites).where(named).values(site_name="=cmd|' /C calc'!A0"))

    path = f"/dashboard/studies/{scene.study_id}/figures.csv"
    table = list(csv.DictReader(io.StringIO(get(live, path, issue(live)).text)))

    assert {row["site"][0] for row in table if row["site_id"] == scene.site_id(0)} == {"'"}


def test_older_rounds_are_a_page_further(live: LiveCoordinator, scene: Scene) -> None:
    path = f"/dashboard/studies/{scene.study_id}/rounds"

    older = get(live, f"{path}?before=3", issue(live)).text

    assert f"{path}/2" in older
    assert f"{path}/3" not in older


def test_the_bare_address_leads_to_the_dashboard(live: LiveCoordinator) -> None:
    assert get(live, "/").headers["Location"] == "/dashboard"


def test_the_audit_log_calls_sites_and_owners_by_their_names(
    live: LiveCoordinator, scene: Scene
) -> None:
    credential = issue(live, scene.study_id)
    live.request("POST", "/dashboard/login", data={"credential": credential})

    text = get(live, f"/dashboard/studies/{scene.study_id}/audit", credential).text

    assert "Owner Dr. Okonkwo" in text
    assert f"Site {HOSPITALS[0]}" in text


def session_of(live: LiveCoordinator) -> str:
    form = {"credential": issue(live)}
    response = live.request("POST", "/dashboard/login", data=form, allow_redirects=False)
    ((name, token),) = response.cookies.items()
    return f"{name}={token}"


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/dashboard/login", "/dashboard/logout"])
def test_a_form_that_another_sites_page_sends_does_nothing(
    live: LiveCoordinator, path: str, said: dict[str, str]
) -> None:
    cookie = session_of(live)
    live.session.cookies.clear()

    form = {"credential": issue(live)}
    headers = {"Cookie": cookie, **said}
    response = live.request("POST", path, data=form, headers=headers, allow_redirects=False)

    assert response.status_code == 403
    assert "sent by another site" in response.text
    assert "Set-Cookie" not in response.headers
    page = live.request("GET", "/dashboard", headers={"Cookie": cookie}, allow_redirects=False)
    assert page.status_code == 200  # still signed in


@pytest.mark.parametrize("header", ["Sec-Fetch-Site", "Origin"])
def test_a_form_of_the_dashboards_own_is_taken(live: LiveCoordinator, header: str) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": live.url}
    form = {"credential": issue(live)}
    response = live.request(
        "POST",
        "/dashboard/login",
        data=form,
        headers={header: own[header]},
        allow_redirects=False,
    )
    assert response.status_code == 303


def test_a_login_form_is_no_place_for_large_things(live: LiveCoordinator) -> None:
    response = live.request("POST", "/dashboard/login", data=b"credential=" + b"x" * 10_000)
    assert response.status_code == 413


def test_a_study_that_was_stopped_without_a_model_does_not_look_finished(
    live: LiveCoordinator,
) -> None:
    study_id = live.create_study(tiny_study())
    stop_study(live.store, study_id, live.clock())

    for path in ("/dashboard", f"/dashboard/studies/{study_id}"):
        page = get(live, path, issue(live)).text
        assert "Stopped</span>" in page
        assert "Finished</span>" not in page
        assert "stopped the study before it had a model" in page


def test_a_site_without_images_is_told_from_those_that_are_here(live: LiveCoordinator) -> None:
    (site,) = live.running_study(1)
    live.enrol(live.invite(site.study_id), "c" * 43, site_name="Graz")

    page = get(live, f"/dashboard/studies/{site.study_id}", issue(live)).text

    assert page.count("No images yet</span>") == 1
