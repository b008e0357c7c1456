"""Completes what PyInstaller made: ``python -m installers.finish desktop FOLDER``.

Licences and the bill of materials come into the folder, whatever is then made of it.
"""

import argparse
import json
import sys
from pathlib import Path

from installers import bill, libraries, licences, sizes


def finish(program: str, folder: Path) -> None:
    """Add the licences and the bill of ``desktop`` or ``coordinator`` to its folder."""
    licences.collect(program, folder / "licences")
    found = libraries.libraries_in(folder, program) if sys.platform == "linux" else []
    licences.collect_libraries(found, folder / "licences")
    told = json.dumps(bill.bill_of(program, found), indent=2) + "\n"
    (folder / "bill-of-materials.cdx.json").write_text(told, encoding="utf-8")


def main() -> None:
    """Do it, and write and tell the sizes."""
    parser = argparse.ArgumentParser(prog="installers.finish")
    parser.add_argument("program", choices=("desktop", "coordinator"))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    finish(chosen.program, chosen.folder)
    if sys.platform == "linux":
        found = sizes.sizes(chosen.folder)
        chosen.folder.with_suffix(".sizes.json").write_text(json.dumps(found, indent=2) + "\n")
        print(sizes.table(found))  # noqa: T201  this is a command


if __name__ == "__main__":
    main()
