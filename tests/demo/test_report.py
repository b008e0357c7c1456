"""The demo's report: the same numbers on the page and in the PDF, whatever they are."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from coordinator.study import read_study
from desktop_client.demo.outcome import DemoOutcome, ModelOutcome, SiteOutcome
from desktop_client.demo.report import NOTICE, write_report
from desktop_client.training.leakage import Leakage
from tests.scenes import write_images, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports on two hospitals that took part, one of them with a name like markup."""
    folder = tmp_path_factory.mktemp("demo")
    images = write_images(folder / "images", {"dot": 1, "ring": 1})
    names = ("St. Anna", "Nord & Süd <1>")
    leakage = Leakage(0.4, 0.45, 0.17, 0.2, {0: 0.3, 1: 0.5})
    curve = {0: 0.5, 1: 0.7, 2: 0.9}
    outcome = DemoOutcome(
        study=read_study(write_study(folder / "study.toml")),
        sites=tuple(
            SiteOutcome(name, {"dot": 30, "ring": 34}, 16, 0.5, 0.94, 0.8, 0.91, 0.3)
            for name in names
        ),
        models=tuple(
            ModelOutcome(name, 0.9, 0.88, leakage) for name in ("Untrained", "FedAvg", "SiteBlind")
        ),
        curves={preset: dict.fromkeys(names, curve) for preset in ("siteblind", "fedavg")},
        gallery=dict.fromkeys(names, (images / "dot/000.png", images / "ring/000.png")),
    )
    write_report(folder, outcome, 12.0)
    return folder


def test_page_and_pdf_tell_each_hospital_and_each_model(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    reader = PdfReader(io.BytesIO((folder / "report.pdf").read_bytes()))
    pages = [" ".join(one.extract_text().split()) for one in reader.pages]
    assert "Nord &amp; Süd &lt;1&gt;" in page
    assert "Nord & Süd <1> 64 50 % 80 % 91 % 94 % 30 %" in " ".join(pages)
    assert "SiteBlind 90 % 88 % 40 % 45 % 20 % 17 %" in " ".join(pages)
    assert all(NOTICE in text for text in pages)
    assert NOTICE in page
    assert page.count("data:image/png;base64,") == 4
