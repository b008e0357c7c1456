"""Picture every page of the dashboard in light, dark, narrow and on paper.

python -m tests.coordinator.dashboard.screenshots build/screenshots/dashboard
"""

import argparse
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from coordinator.access.owners import issue_owner
from coordinator.app import create_app
from coordinator.server.serving import listen
from coordinator.server.settings import Settings
from coordinator.storage.blobs import BlobFolder
from coordinator.storage.store import Store
from coordinator.storage.studies import add_study
from tests.coordinator.conftest import wait_until
from tests.coordinator.dashboard.scene import NOW, Scene, scene_study

Scheme = Literal["light", "dark"]
LOOKS: Final[tuple[tuple[str, Scheme, int], ...]] = (
    ("light", "light", 1280),
    ("dark", "dark", 1280),
    ("narrow", "light", 390),
    ("narrow-dark", "dark", 390),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for look in LOOKS:
            picture(browser, output, look, site)
        browser.close()


def picture(
    browser: Browser,
    output: Path,
    look: tuple[str, Scheme, int],
    site: tuple[str, dict[str, str], str],
) -> None:
    (name, scheme, width), (url, pages, credential) = look, site
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, device_scale_factor=1
    )
    page = context.new_page()
    page.goto(f"{url}/dashboard/login")
    page.screenshot(path=output / f"login-{name}.png", full_page=True)
    page.get_by_label("Owner credential").fill(credential)
    page.get_by_role("button", name="Sign in").click()
    for what, path in pages.items():
        page.goto(f"{url}{path}")
        page.screenshot(path=output / f"{what}-{name}.png", full_page=True)
        if name == "light":
            page.pdf(path=output / f"{what}.pdf", format="A4")
    context.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, str], str]]:
    """Serve a coordinator with four studies; yield address, pages and an owner's credential."""
    settings = Settings(data_folder=folder)
    settings.arriving_path.mkdir(parents=True)
    store = Store(f"sqlite:///{folder / 'coordinator.sqlite'}")
    pages = write_studies(store)
    with store.writing() as connection:
        credential = issue_owner(connection, "Dr. Okonkwo", None, NOW).credential
    app = create_app(store, BlobFolder(folder / "parameters"), lambda: NOW, settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", pages, credential
        server.should_exit = True
        thread.join()
    store.close()


def write_studies(store: Store) -> dict[str, str]:
    """Write an empty, a young, a large and a running study; return the paths of all pages."""
    with store.writing() as connection:
        empty = add_study(connection, scene_study("Chest films"), NOW - timedelta(days=9))
    young = Scene(store, round_count=0, study=scene_study("Retina, two eye clinics"))
    young.names = young.names[:2]
    young.write()
    large = Scene(store, study=scene_study("Sixty hospitals", count=150), round_count=150)
    large.names = tuple(f"Hospital {number:02d}" for number in range(60))
    large.write()
    running = Scene(store)
    running.write()
    running.open_round()
    at = "/dashboard/studies"
    return {
        "studies": "/dashboard",
        "study": f"{at}/{running.study_id}",
        "rounds": f"{at}/{running.study_id}/rounds",
        "round": f"{at}/{running.study_id}/rounds/25",
        "round-twice": f"{at}/{running.study_id}/rounds/12",
        "figures": f"{at}/{running.study_id}/figures",
        "audit": f"{at}/{running.study_id}/audit",
        "study-empty": f"{at}/{empty}",
        "study-young": f"{at}/{young.study_id}",
        "study-large": f"{at}/{large.study_id}",
        "refusal": f"{at}/nothing",
    }


if __name__ == "__main__":
    main()
