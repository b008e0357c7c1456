"""The dashboard in a real Chromium: what a study owner does and sees."""

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import update

from coordinator.storage.tables import sites
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.dashboard.conftest import Visit, issue
from tests.coordinator.dashboard.scene import HOSPITALS, REFUSED, Scene


def test_an_owner_signs_in_looks_around_and_signs_out(visit: Visit, scene: Scene) -> None:
    visit.sign_in()
    visit.page.get_by_role("link", name="Skin lesions, six hospitals").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Skin lesions, six hospitals")
    visit.page.get_by_role("link", name="24", exact=True).first.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Round 24")
    visit.page.get_by_role("link", name="Skin lesions, six hospitals").click()
    visit.page.get_by_role("link", name="All figures").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Figures")
    visit.page.get_by_role("link", name="Skin lesions, six hospitals").click()
    visit.page.get_by_role("link", name="More of the audit log").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Audit log")

    visit.page.get_by_role("button", name="Sign out").click()

    expect(visit.page.get_by_label("Owner credential")).to_be_visible()
    visit.open(f"/dashboard/studies/{scene.study_id}")
    expect(visit.page.get_by_label("Owner credential")).to_be_visible()
    assert visit.complaints == []


def test_a_wrong_credential_is_refused_in_words(visit: Visit) -> None:
    visit.open("/dashboard/login")
    visit.page.get_by_label("Owner credential").fill("nobody's")
    visit.page.get_by_role("button", name="Sign in").click()

    expect(visit.page.get_by_role("alert")).to_contain_text("not known here")


def test_signing_in_leads_to_the_page_that_was_asked_for(visit: Visit, scene: Scene) -> None:
    path = f"/dashboard/studies/{scene.study_id}/rounds"
    visit.open(path)
    visit.page.get_by_label("Owner credential").fill(visit.credential)
    visit.page.get_by_role("button", name="Sign in").click()

    expect(visit.page).to_have_url(f"{visit.live.url}{path}")


@pytest.mark.usefixtures("scene")
def test_nothing_is_loaded_from_elsewhere_and_the_browser_has_no_complaints(
    visit: Visit, scene: Scene
) -> None:
    visit.sign_in()
    for rest in ("", "/rounds", "/rounds/25", "/figures", "/audit", "/rounds/999", "/nothing"):
        visit.open(f"/dashboard/studies/{scene.study_id}{rest}")

    assert {url for url in visit.asked if not url.startswith(visit.live.url)} == set()
    missing = "Failed to load resource: the server responded with a status of 404 (Not Found)"
    assert visit.complaints == [missing, missing]  # the two pages that there are not


def test_all_works_without_scripts(browser: Browser, live: LiveCoordinator, scene: Scene) -> None:
    context = browser.new_context(java_script_enabled=False)
    visit = Visit(context.new_page(), live, issue(live))

    visit.sign_in()
    visit.open(f"/dashboard/studies/{scene.study_id}")

    expect(visit.page.locator("svg.plot")).to_have_count(3)
    context.close()


def test_the_open_round_says_who_is_in_who_is_waited_for_and_who_was_refused_and_why(
    visit: Visit, scene: Scene
) -> None:
    visit.sign_in()
    visit.open(f"/dashboard/studies/{scene.study_id}")

    table = visit.page.get_by_role("region", name="Picked sites")
    expect(table.get_by_role("row", name=HOSPITALS[0])).to_contain_text("Update is in")
    expect(table.get_by_role("row", name=HOSPITALS[1])).to_contain_text("Waited for")
    expect(table.get_by_role("row", name=HOSPITALS[2])).to_contain_text(REFUSED)
    assert "in 39 min" in visit.text()  # the deadline


def test_each_site_has_a_curve_with_a_mark_and_a_dash_of_its_own(
    visit: Visit, scene: Scene
) -> None:
    visit.sign_in()
    visit.open(f"/dashboard/studies/{scene.study_id}")

    chart = visit.page.get_by_role("figure").filter(has_text="Area under the ROC curve")
    lines = chart.locator("svg.plot path.line")
    marks = chart.locator("table.key path.mark")
    dashes = lines.evaluate_all("all => all.map(one => getComputedStyle(one).strokeDasharray)")
    shapes = marks.evaluate_all("all => all.map(one => one.getAttribute('d'))")
    assert len(dashes) == len(set(dashes)) == len(HOSPITALS)
    assert len(shapes) == len(set(shapes)) == len(HOSPITALS)


def test_what_a_site_calls_itself_is_shown_and_never_obeyed(visit: Visit, scene: Scene) -> None:
    hostile = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
    with visit.live.store.writing() as connection:
        named = sites.c.site_id == scene.site_id(0)
        connection.execute(update(sites).where(named).values(site_name=hostile))

    visit.sign_in()
    visit.open(f"/dashboard/studies/{scene.study_id}")

    assert hostile in visit.text()
    assert "taken" not in visit.page.title()
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(
    browser: Browser, live: LiveCoordinator, scene: Scene, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    visit = Visit(context.new_page(), live, issue(live))
    visit.sign_in()

    for rest in ("", "/rounds", "/rounds/12", "/figures", "/audit"):
        visit.open(f"/dashboard/studies/{scene.study_id}{rest}")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width

    background = visit.page.locator("body").evaluate("b => getComputedStyle(b).backgroundColor")
    darkest = max(int(channel) for channel in re.findall(r"\d+", background))
    assert (darkest < 64) == (scheme == "dark")
    context.close()


def test_the_page_renews_itself_while_the_study_runs(visit: Visit, scene: Scene) -> None:
    visit.sign_in()
    visit.open(f"/dashboard/studies/{scene.study_id}")

    content = visit.page.locator("meta[http-equiv=refresh]").get_attribute("content")
    assert content == "30"


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(visit: Visit) -> None:
    visit.sign_in()

    (cookie,) = visit.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert visit.credential not in cookie["value"]


def test_another_sites_page_can_neither_sign_an_owner_out_nor_somebody_in(
    visit: Visit, live: LiveCoordinator
) -> None:
    visit.sign_in()
    other = live.url.replace("127.0.0.1", "localhost") + "/elsewhere"
    for act in ("logout", "login"):
        form = (
            f"<form method=post action={live.url}/dashboard/{act}>"
            f"<input name=credential value={issue(live)}><button>Win a prize</button></form>"
        )
        visit.page.route(other, partial(Route.fulfill, body=form, content_type="text/html"))
        visit.page.goto(other)
        visit.page.get_by_role("button", name="Win a prize").click()
        expect(visit.page.get_by_text("sent by another site")).to_be_visible()

    visit.open("/dashboard")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Studies")
