"""What a power loss leaves of a data folder: what was fsynced, and nothing else.

A disk may keep more than that, and often does. What must not be lost has to survive its keeping
as little as it promises.

Source:
    Pillai et al. 2014, "All File Systems Are Not Created Equal", OSDI; the persistence properties
    that applications may rely on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from tests.faults.injection import Operation

Names = Literal["synced", "latest"]
"""Which names survive: those of folders that were fsynced, or all that was ever given. A file
system may well write names before bytes."""

_REBUILT: Final = "-shm"
"""SQLite's index of its log, which it makes anew."""


@dataclass
class _File:
    """The bytes of one file, whatever its name."""

    latest: bytearray
    synced: bytes


class Disk:
    """A data folder, operation by operation.

    Args:
        folder: As it was before the first operation, all of it on the disk.
    """

    def __init__(self, folder: Path) -> None:
        self._latest: dict[str, _File] = {}
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                name = f"/{path.relative_to(folder).as_posix()}"
                self._latest[name] = _File(bytearray(content), content)
        self._synced = dict(self._latest)

    def apply(self, operations: Iterable[Operation], written: bytes) -> None:
        """Do operations in their order; ``written`` has the bytes of all their writes."""
        position = 0
        for operation in operations:
            self._apply(operation, written[position : position + operation.size])
            position += operation.size

    def save(self, folder: Path, names: Names) -> None:
        """Write what a power loss would leave into a new folder."""
        folder.mkdir()
        kept = self._synced if names == "synced" else self._latest
        for name, file in kept.items():
            if not name.endswith(_REBUILT):
                path = folder / name[1:]
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(file.synced)

    def _apply(self, operation: Operation, content: bytes) -> None:
        path = operation.path
        match operation.name:
            case "create":
                self._latest[path] = _File(bytearray(), b"")
            case "write":
                file = self._latest.setdefault(path, _File(bytearray(), b""))
                end = operation.offset + len(content)
                file.latest.extend(bytes(max(0, end - len(file.latest))))
                file.latest[operation.offset : end] = content
            case "truncate":
                file = self._latest[path]
                file.latest.extend(bytes(max(0, operation.offset - len(file.latest))))
                del file.latest[operation.offset :]
            case "fsync" if operation.label.endswith("/"):
                self._sync_names(path)
            case "fsync":
                self._latest[path].synced = bytes(self._latest[path].latest)
            case "rename":
                self._latest[path] = self._latest.pop(operation.source)
            case "unlink":
                self._latest.pop(path, None)
            case "mkdir":
                pass
            case unknown:
                raise NotImplementedError(unknown)

    def _sync_names(self, folder: str) -> None:
        def is_inside(name: str) -> bool:
            return str(PurePosixPath(name).parent) == (folder or "/")

        elsewhere = {name: file for name, file in self._synced.items() if not is_inside(name)}
        here = {name: file for name, file in self._latest.items() if is_inside(name)}
        self._synced = {**elsewhere, **here}
