"""A document as one HTML file: no script, nothing from elsewhere, light or dark, and printable."""

import base64
from html import escape

from desktop_client.reporting.document import (
    Block,
    Bullets,
    Document,
    Facts,
    Figure,
    KeyFigures,
    Notice,
    Paragraph,
    Pictures,
    Section,
    Table,
)
from desktop_client.reporting.html_style import STYLE
from desktop_client.reporting.inks import DARKEST_SHADE
from desktop_client.reporting.svg import as_svg

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whatever is in the page, a browser loads and runs nothing for it."""


def as_html(document: Document) -> bytes:
    """Return the page; its sections, tables and figures must be numbered."""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(document.title)}</title>\n"
        f"<style>{STYLE.replace('__NOTICE__', _in_css(document.notice))}</style>\n</head>\n"
    )
    sections = "\n".join(
        _section(section, f"section-{n}") for n, section in enumerate(document.sections, 1)
    )
    body = (
        f'<body>\n<header>\n<p class="mark">SiteBlind</p>\n<h1>{escape(document.title)}</h1>\n'
        f'<p class="subtitle">{escape(document.subtitle)}</p>\n'
        f'<p class="notice" role="note">{escape(document.notice)}</p>\n</header>\n'
        f"{_contents(document)}\n<main>\n{sections}\n</main>\n"
        f"<footer>{escape(document.notice)}</footer>\n</body>\n</html>\n"
    )
    return (head + body).encode()


def _contents(document: Document) -> str:
    entries = "".join(
        f'<li><a href="#section-{n}">{escape(section.title)}</a></li>'
        for n, section in enumerate(document.sections, 1)
    )
    return f'<nav aria-label="Contents"><ul>{entries}</ul></nav>'


def _section(section: Section, name: str) -> str:
    blocks = "\n".join(map(_block, section.blocks))
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">\n'
        f'<h2 id="{name}-title">{escape(section.title)}</h2>\n{blocks}\n</section>'
    )


def _block(block: Block) -> str:
    match block:
        case Paragraph(text, role):
            return f'<p class="{role}">{escape(text)}</p>'
        case Notice(text):
            return f'<p class="notice" role="note">{escape(text)}</p>'
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
        case KeyFigures():
            return _key_figures(block)
        case Facts(pairs):
            rows = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in pairs)
            return f"<dl>{rows}</dl>"
        case Table():
            return _table(block)
        case Figure(caption, panels):
            drawn = "".join(as_svg(drawing, description) for drawing, description in panels)
            return _figure(f'<div class="panels">{drawn}</div>', caption)
        case Pictures():
            return _pictures(block)


def _key_figures(block: KeyFigures) -> str:
    cards = "".join(
        f"<div><dt>{escape(figure.name)}</dt><dd><strong>{escape(figure.value)}</strong>"
        f"<span>{escape(figure.note)}</span></dd></div>"
        for figure in block.figures
    )
    return f'<dl class="key">{cards}</dl>'


def _table(table: Table) -> str:
    def kind(place: int) -> str:
        return ' class="words"' if not place or place in table.text_columns else ""

    head = "".join(
        f'<th scope="col"{kind(place)}>{escape(name)}</th>'
        for place, name in enumerate(table.columns)
    )
    first_total = len(table.rows) - table.total_count
    rows = []
    for number, row in enumerate(table.rows):
        total = ' class="total"' if number >= first_total else ""
        cells = [f'<th scope="row" class="words">{escape(row[0])}</th>']
        for place, words in enumerate(row[1:], 1):
            shade = _shade(table, number, place)
            cells.append(f"<td{kind(place)}{shade}>{escape(words)}</td>")
        rows.append(f"<tr{total}>{''.join(cells)}</tr>")
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.caption)}"><table>'
        f"<caption>{_caption(table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _shade(table: Table, row: int, place: int) -> str:
    if not table.shades or row >= len(table.shades) or place > len(table.shades[row]):
        return ""
    return f' style="--share:{100 * DARKEST_SHADE * table.shades[row][place - 1]:.0f}%" data-heat'


def _pictures(block: Pictures) -> str:
    shown = "".join(
        f'<figure><img alt="{escape(p.description)}" '
        f'src="data:image/png;base64,{base64.b64encode(p.png).decode()}">'
        + (f"<figcaption>{escape(p.caption)}</figcaption>" if p.caption else "")
        + "</figure>"
        for p in block.pictures
    )
    return _figure(f'<div class="pictures">{shown}</div>', block.caption)


def _figure(content: str, caption: str) -> str:
    return f"<figure>{content}<figcaption>{_caption(caption)}</figcaption></figure>"


def _caption(caption: str) -> str:
    number, _, words = caption.partition(". ")
    return f"<b>{escape(number)}.</b> {escape(words)}"


def _in_css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
