"""A document as a PDF: real text and tables, vector charts, embedded fonts, and an outline.

The same document gives the same bytes: no clock and no random number gets into the file.
"""

import io
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from desktop_client.reporting.document import Document
from desktop_client.reporting.fonts import BOLD, PLAIN, register
from desktop_client.reporting.inks import LIGHT, LIGHT_SHADES
from desktop_client.reporting.pdf_blocks import WIDTH, Title, chapter, opening

LEFT: Final = 20 * mm
TOP, BOTTOM = 22 * mm, 20 * mm
FOOT: Final = 11 * mm


def as_pdf(document: Document) -> bytes:
    """Return the PDF; the document's sections, tables and figures must be numbered."""
    register()
    buffer = io.BytesIO()
    frame = Frame(LEFT, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    template = _Template(buffer, document)
    template.addPageTemplates([PageTemplate(frames=[frame])])
    template.build(list(_story(document)), canvasmaker=_canvas_for(document))
    return buffer.getvalue()


def _story(document: Document) -> Iterator[Flowable]:
    yield from opening(document)
    for section in document.sections:
        yield from chapter(section)


class _Template(BaseDocTemplate):
    """Notes each chapter in the outline."""

    def __init__(self, buffer: io.BytesIO, document: Document) -> None:
        super().__init__(
            buffer,
            pagesize=A4,
            title=document.title,
            author="SiteBlind",
            subject=document.notice,
            creator=f"SiteBlind {version('siteblind')}",
            lang="en",
            invariant=1,
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  reportlab calls it so
        """Mark where a chapter begins."""
        if isinstance(flowable, Title):
            canvas: Canvas = self.canv
            canvas.bookmarkPage(flowable.title)
            canvas.addOutlineEntry(flowable.title, flowable.title, level=0)


def _canvas_for(document: Document) -> type[Canvas]:
    """Return a canvas that knows how many pages there are before it writes the first."""

    class NumberedCanvas(Canvas):
        def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  passed on
            super().__init__(*arguments, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  reportlab calls it so
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # as reportlab itself does

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                _margins(self, document, number, len(self._pages))
                super().showPage()
            super().save()

    return NumberedCanvas


def _margins(canvas: Canvas, document: Document, number: int, count: int) -> None:
    """Write what every page says."""
    right = LEFT + WIDTH
    canvas.setStrokeColor(HexColor(LIGHT_SHADES["rule"]))
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, FOOT + 9, right, FOOT + 9)
    canvas.setFillColor(HexColor(LIGHT["text"]))
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(LEFT, FOOT, document.notice)
    canvas.setFont(PLAIN, 7.5)
    canvas.setFillColor(HexColor(LIGHT["muted"]))
    canvas.drawRightString(right, FOOT, f"Page {number} of {count}")
    if number > 1:
        canvas.drawString(LEFT, A4[1] - 14 * mm, document.running_title)
