"""A document as Markdown, for a file that lies beside a model and is read anywhere.

Words are escaped, so that no name of a class or scanner can become markup.
"""

import re
from typing import Final

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
    Table,
)

MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def as_markdown(document: Document) -> bytes:
    """Return the file; figures become what they show in words."""
    parts = [f"# {_plain(document.title)}", _plain(document.subtitle)]
    parts.append(f"> **{_plain(document.notice)}**")
    for section in document.sections:
        parts.append(f"## {_plain(section.title)}")
        parts += map(_block, section.blocks)
    return ("\n\n".join(parts) + "\n").encode()


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _plain(text)
        case Notice(text):
            return f"> {_plain(text)}"
        case Bullets(items):
            return "\n".join(f"- {_plain(item)}" for item in items)
        case KeyFigures(figures):
            return "\n".join(
                f"- {_plain(f.name)}: **{_plain(f.value)}** ({_plain(f.note)})" for f in figures
            )
        case Facts(pairs):
            return "\n".join(f"- {_plain(name)}: {_plain(value)}" for name, value in pairs)
        case Table():
            return _table(block)
        case Figure(caption, panels):
            return "\n".join([_plain(caption), *(f"- {_plain(said)}" for _, said in panels)])
        case Pictures(caption):
            return _plain(caption)


def _table(table: Table) -> str:
    marks = [
        ":---" if not place or place in table.text_columns else "---:"
        for place in range(len(table.columns))
    ]
    rows = (table.columns, *table.rows)
    head, *lines = (f"| {' | '.join(map(_plain, row))} |" for row in rows)
    return "\n".join([_plain(table.caption), "", head, f"| {' | '.join(marks)} |", *lines])


def _plain(text: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
