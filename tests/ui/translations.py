"""Brings the German texts up to date: ``python -m tests.ui.translations [--fill FILE.json]``.

Collects every text of the window from the source, lets Qt's ``lupdate`` put new ones into
``resources/translations/siteblind_de.ts``, writes what has no German yet to a JSON file, and lets
``lrelease`` make the file that the program loads. Qt's own search alone would miss the texts of
plain functions and name some contexts otherwise than the running program does.
"""

import argparse
import ast
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "desktop_client" / "gui"
PHRASED: Final = ROOT / "desktop_client" / "federation"
"""Knows no Qt, but says its sentences as a ``Phrase`` that the window translates."""
TS_PATH: Final = ROOT / "resources" / "translations" / "siteblind_de.ts"
QM_PATH: Final = TS_PATH.with_suffix(".qm")
MISSING_PATH: Final = ROOT / "build" / "untranslated.json"
OTHER_OWNERS: Final = {"dialog": "QDialog", "dialogs": "Dialogs"}
"""The classes of the variables that are asked for a translation instead of ``self``."""

Text = tuple[str, str]
"""Context, as the running program asks for it, and the English text."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fill", type=Path, help="JSON of English texts and their German")
    chosen = parser.parse_args()
    update(TS_PATH)
    if chosen.fill:
        fill(TS_PATH, json.loads(chosen.fill.read_text(encoding="utf-8")))
    release(TS_PATH, QM_PATH)
    missing = dict.fromkeys(source for _, source in sorted(untranslated(TS_PATH)))
    MISSING_PATH.parent.mkdir(exist_ok=True)
    MISSING_PATH.write_text(json.dumps(dict.fromkeys(missing, ""), ensure_ascii=False, indent=1))
    if missing:
        print(*missing, sep="\n")  # noqa: T201
        sys.exit(f"{len(missing)} texts have no German yet; they are in {MISSING_PATH}.")


def collect() -> set[Text]:
    """Return every text of the window that is to be translated."""
    paths = [*sorted(SOURCES.rglob("*.py")), *sorted(PHRASED.glob("*.py"))]
    return {text for path in paths for text in _texts_in(path)}


def update(ts_path: Path) -> None:
    """Put new texts into the file, and take out those that are gone."""
    lines = ["from PySide6.QtCore import QCoreApplication"]
    lines += [f"QCoreApplication.translate({c!r}, {_quoted(t)})" for c, t in sorted(collect())]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "texts.py"
        listed.write_text("\n".join(lines), encoding="utf-8")
        options = ["-locations", "none", "-no-obsolete", "-target-language", "de_DE"]
        _run("pyside6-lupdate", "-silent", *options, str(listed), "-ts", str(ts_path))


def release(ts_path: Path, qm_path: Path) -> None:
    """Make the file that the program loads."""
    _run("pyside6-lrelease", "-silent", str(ts_path), "-qm", str(qm_path))


def fill(ts_path: Path, german: dict[str, str]) -> None:
    """Give these texts their German wherever they have none, whatever their context."""
    tree = ET.parse(ts_path)  # noqa: S314
    for message in tree.iter("message"):
        translation = message.find("translation")
        words = german.get(message.findtext("source") or "")
        if words and translation is not None and translation.get("type") == "unfinished":
            del translation.attrib["type"]
            translation.text = words
    body = ET.tostring(tree.getroot(), encoding="unicode")
    ts_path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8"
    )


def untranslated(ts_path: Path) -> set[Text]:
    """Return the texts of the source that have no finished German."""
    return collect() - translations(ts_path).keys()


def translations(ts_path: Path) -> dict[Text, str]:
    """Return the finished translations."""
    finished = {}
    for context in ET.parse(ts_path).iter("context"):  # noqa: S314
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and not translation.get("type") and translation.text:
                finished[name, message.findtext("source") or ""] = translation.text
    return finished


def _texts_in(path: Path) -> Iterator[Text]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    own_context = _context_of_own_function(module)
    for class_name, node in _calls(module):
        match node:
            case ast.Call(func=ast.Attribute(attr="tr", value=value), args=[text, *_]):
                owner = value.id if isinstance(value, ast.Name) else "self"
                yield OTHER_OWNERS.get(owner, class_name), _words(text, path)
            case ast.Call(func=ast.Attribute(attr="translate"), args=[context, text, *_]):
                if isinstance(text, ast.Constant | ast.JoinedStr):
                    yield _words(context, path), _words(text, path)
            case ast.Call(func=ast.Name(id="QT_TRANSLATE_NOOP"), args=[context, text]):
                yield _words(context, path), _words(text, path)
            case ast.Call(func=ast.Name(id="Phrase"), args=[text, *_]):
                if words := _words(text, path):
                    yield "phrases", words
            case ast.Call(func=ast.Name(id="_tr"), args=[text, *_]):
                yield own_context, _words(text, path)


def _calls(tree: ast.AST, class_name: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield every call and the class it stands in."""
    for child in ast.iter_child_nodes(tree):
        name = child.name if isinstance(child, ast.ClassDef) else class_name
        if isinstance(child, ast.Call):
            yield name, child
        yield from _calls(child, name)


def _context_of_own_function(module: ast.Module) -> str:
    """Return the context that a module's ``_tr`` translates in."""
    for function in module.body:
        if isinstance(function, ast.FunctionDef) and function.name == "_tr":
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
                    return str(node.args[0].value)
    return ""


def _words(node: ast.expr, path: Path) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    sys.exit(f"{path}:{node.lineno}: only a fixed text can be translated, with {{0}} for values")


def _quoted(text: str) -> str:
    """Write a text as lupdate reads it."""
    return json.dumps(text, ensure_ascii=False)


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str(Path(sys.executable).with_name(program)), *arguments], check=True)


if __name__ == "__main__":
    main()
