"""A coordinator with a study in full swing, its owner, and a real browser to look at it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from coordinator.access.owners import issue_owner
from tests.coordinator.conftest import LiveCoordinator
from tests.coordinator.dashboard.scene import NOW, Scene


@dataclass
class Visit:
    """An owner's visit with a browser, and what it noticed on the way."""

    page: Page
    live: LiveCoordinator
    credential: str
    asked: list[str] = field(default_factory=list)
    """Every address that the browser asked for."""
    complaints: list[str] = field(default_factory=list)
    """What it wrote to its console, and errors of pages."""

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.live.url}{path}")

    def sign_in(self) -> None:
        self.open("/dashboard")
        self.page.get_by_label("Owner credential").fill(self.credential)
        self.page.get_by_role("button", name="Sign in").click()

    def text(self) -> str:
        return self.page.locator("body").inner_text()


def issue(live: LiveCoordinator, study_id: str | None = None) -> str:
    """Return the credential of a new owner, of one study or of all."""
    with live.store.writing() as connection:
        return issue_owner(connection, "Dr. Okonkwo", study_id, live.clock()).credential


@pytest.fixture
def scene(live: LiveCoordinator) -> Scene:
    """A study with 24 rounds averaged and the next one open, at ``NOW``."""
    live.clock.now = NOW
    scene = Scene(live.store)
    scene.write()
    scene.open_round()
    return scene


# Its event loop runs in this thread as long as it lives: no other module's tests should meet it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "These tests need the Debian package chromium"
    with sync_playwright() as playwright:
        # Chromium's sandbox does not work for root; what is shown here is only our own.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, live: LiveCoordinator) -> Iterator[Visit]:
    """A fresh browser profile, nobody signed in."""
    context = browser.new_context()
    yield Visit(context.new_page(), live, issue(live))
    context.close()
