"""A report read back from the page and from the PDF, as a person or a screen reader would."""

import io
import re
from html.parser import HTMLParser

import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import Destination

from desktop_client.reporting.card import card_of
from desktop_client.reporting.document import Document
from desktop_client.reporting.html import as_html
from desktop_client.reporting.markdown import as_markdown
from desktop_client.reporting.pdf import as_pdf
from desktop_client.reporting.pdf_blocks import WIDTH
from desktop_client.reporting.pdf_table import table_of
from desktop_client.reporting.report import report_on
from desktop_client.reporting.sections.classes import confusion_table
from desktop_client.reporting.subject import NOTICE, Subject
from desktop_client.training.measuring import Answers
from tests.reporting.models import a_record, quality_of, some_answers

HOSTILE = "<script>alert(1)</script> & |`*co*`"


class Page(HTMLParser):
    """What a browser would find in a page: elements with their attributes, and the text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._is_style = False
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._is_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.text += f" {data}"

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def plain(text: str) -> str:
    """Return text with every kind of space as one."""
    return " ".join(text.split())


def read(pdf: bytes) -> tuple[PdfReader, list[str]]:
    reader = PdfReader(io.BytesIO(pdf))
    return reader, [plain(page.extract_text()) for page in reader.pages]


def fonts_used(page: PageObject) -> set[str]:
    """Return the fonts of a page that letters are drawn with; a subset's name has a plus."""
    found: set[str] = set()

    def note(
        text: str, _cm: object, _tm: object, font: dict[str, str] | None, _size: float
    ) -> None:
        if text.strip() and font is not None:
            found.add(font["/BaseFont"])

    page.extract_text(visitor_text=note)
    return found


@pytest.fixture(scope="module")
def subject() -> Subject:
    answers = some_answers()
    record = a_record(answers)
    other = quality_of(answers, a_record(answers, 12, model_digest="6b" * 32), day=25)
    return Subject(quality_of(answers, record), (other,), 0.9)


@pytest.fixture(scope="module")
def document(subject: Subject) -> Document:
    return report_on(subject)


@pytest.fixture(scope="module")
def page(document: Document) -> Page:
    return Page(as_html(document))


@pytest.fixture(scope="module")
def pdf(document: Document) -> bytes:
    return as_pdf(document)


def test_page_and_pdf_say_the_same_numbers(subject: Subject, page: Page, pdf: bytes) -> None:
    judged = subject.quality.together
    area, interval = judged.classes[0].auc, judged.classes[0].auc_interval
    assert area is not None
    assert interval is not None
    expected = (
        f"{judged.accuracy.count} of {judged.accuracy.total}",
        f"{area:.2f} ({interval.low:.2f}–{interval.high:.2f})",
        "SiteBlind 0.1.0, PyTorch 2.14.1, Python 3.11.2",
        "The scanner is told better and better.",
        "2 images could not be read and were left out.",
        "the file is cut off",
        "5a" * 32,
    )
    _, pages = read(pdf)
    for told in (plain(page.text), " ".join(pages)):
        for words in expected:
            assert words in told


def test_every_page_of_the_pdf_says_that_it_is_for_research_and_which_it_is(pdf: bytes) -> None:
    _, pages = read(pdf)
    assert len(pages) > 4
    for number, text in enumerate(pages, 1):
        assert NOTICE in text
        assert f"Page {number} of {len(pages)}" in text


def test_the_pdf_has_text_to_select_with_umlauts_embedded_fonts_an_outline_and_a_language(
    pdf: bytes,
) -> None:
    reader, pages = read(pdf)
    assert any("Nävus" in text for text in pages)
    titles = [entry.title for entry in reader.outline if isinstance(entry, Destination)]
    assert titles[:2] == ["1 In brief", "2 Intended use"]
    assert "/Lang (en)" in str(pdf, "latin-1")
    drawn = {font for page in reader.pages for font in fonts_used(page)}
    assert len(drawn) == 2  # the plain one and the bold one
    assert all("+SiteBlind" in font or "+DejaVuSans" in font for font in drawn)


def test_curves_in_the_pdf_are_lines_and_not_pictures(pdf: bytes) -> None:
    reader, _ = read(pdf)
    assert not any(page.images for page in reader.pages)
    drawn = b"".join(
        c.get_data() for page in reader.pages if (c := page.get_contents()) is not None
    )
    assert len(re.findall(rb"\bl\b", drawn)) > 100


def test_the_same_model_gives_the_same_bytes(document: Document, pdf: bytes) -> None:
    assert as_pdf(document) == pdf
    assert as_html(document) == as_html(document)


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(page: Page) -> None:
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "form"}
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes)
        for key in ("src", "href"):
            assert (attributes.get(key) or "#")[0] == "#", name
    policies = [a for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert (policies[0]["content"] or "").startswith("default-src 'none'")


def test_the_page_can_be_heard_instead_of_seen(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in attributes for attributes in page.all("th"))
    drawings = page.all("svg")
    assert drawings
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert len(drawing["aria-label"] or "") > 20


def test_tables_and_figures_are_numbered_in_order(page: Page) -> None:
    for kind in ("Table", "Figure"):
        numbers = [int(n) for n in re.findall(rf" {kind} (\d+)\.", page.text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 3


def one_class_at_one_scanner() -> Answers:
    answers = some_answers(12).of_domain(0)
    return Answers(
        answers.probabilities,
        answers.labels * 0,
        answers.domains,
        answers.patients,
        answers.sample_ids,
        answers.class_names,
        answers.domain_names[:1],
    )


def test_what_is_undefined_is_said_in_words() -> None:
    answers = one_class_at_one_scanner()
    record = a_record(answers, 1, temperature=None, left_out=(), warnings=())
    told = plain(Page(as_html(report_on(Subject(quality_of(answers, record))))).text)
    assert "Melanom: undefined, since all held-out images are of this class." in told
    assert "Nävus: undefined, since none of the held-out images is of this class." in told
    assert "There is no curve: it is undefined" in told
    assert "All images come from one scanner (DermLite DL4)" in told
    assert "Whether the scanner can be told from what the model sees is not known" in told
    assert "There are no curves: only one pass is known of." in told
    assert "No labelled image was left out." in told
    assert "Not adjusted: there were too few held-out images" in told


def test_a_training_that_was_stopped_is_called_incomplete(subject: Subject) -> None:
    record = subject.record.model_copy(update={"stages": subject.record.stages[:7]})
    quality = subject.quality.model_copy(update={"record": record})
    told = plain(Page(as_html(report_on(Subject(quality)))).text)
    assert "The training is not complete: 7 of 20 passes are done." in told


def test_names_of_classes_and_scanners_are_words_and_never_markup(subject: Subject) -> None:
    judged = subject.quality.together
    first = judged.classes[0].model_copy(update={"name": HOSTILE})
    named = judged.model_copy(update={"classes": (first, *judged.classes[1:])})
    names = (HOSTILE, *subject.quality.class_names[1:])
    quality = subject.quality.model_copy(update={"together": named, "class_names": names})
    document = report_on(Subject(quality))
    page = Page(as_html(document))
    assert not page.all("script")
    assert HOSTILE in page.text
    _, pages = read(as_pdf(document))
    assert "<script>alert(1)</script>" in " ".join(pages)
    card = as_markdown(card_of(Subject(quality))).decode()
    assert r"\<script\>alert(1)\</script\> & \|\`\*co\*\`" in card


def test_a_table_of_many_classes_fits_on_the_page(subject: Subject) -> None:
    count = 24
    judged = subject.quality.together.model_copy(update={"confusion": ((7,) * count,) * count})
    names = tuple(f"Klasse mit einem langen Namen {n}" for n in range(1, count + 1))
    quality = subject.quality.model_copy(update={"together": judged, "class_names": names})
    table = confusion_table(Subject(quality))
    assert table.columns[1:4] == ("1", "2", "3")
    assert table.rows[1][0] == "2 Klasse mit einem langen Namen 2"
    width, _ = table_of(table, WIDTH).wrap(WIDTH, 1000)
    assert width <= WIDTH + 0.01


def test_the_card_has_the_headings_of_the_paper_and_numbers_of_the_measurement(
    subject: Subject,
) -> None:
    card = as_markdown(card_of(subject)).decode()
    assert re.findall("^## (.+)$", card, re.MULTILINE) == [
        "Model details",
        "Intended use",
        "Out of scope",
        "Factors",
        "Metrics",
        "Training and evaluation data",
        "Results by group",
        "Ethical considerations",
        "Caveats",
    ]
    accuracy = subject.quality.together.accuracy
    assert accuracy.value is not None
    assert f"- Judged right: {100 * accuracy.value:.0f} %" in card
    assert "Unnamed scanner" in card


def test_a_model_of_a_study_is_told_by_its_rounds(subject: Subject) -> None:
    stages = tuple(
        stage.model_copy(update={"lesion_loss": None, "number": stage.number + 4})
        for stage in subject.record.stages[:6]
    )
    changes = {"origin": "study", "model_name": "Nevi of Europe", "stages": stages}
    quality = subject.quality.model_copy(
        update={"record": subject.record.model_copy(update=changes)}
    )
    told = plain(Page(as_html(report_on(Subject(quality)))).text)
    assert "The study “Nevi of Europe”" in told
    assert "After round 10 of 20" in told
    assert "What was measured of each round." in told
