"""A PostgreSQL server of the tests' own, from Debian's package, in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from coordinator.storage.store import Store

_USER: Final = "postgres"
"""Debian's package makes this user; the server refuses to run as root."""
_START_S: Final = 60
_SWIFT: Final = ("fsync=off", "full_page_writes=off")
"""The cluster does not outlive the tests, so nothing of it has to survive a loss of power; what it
has committed does survive that it is killed."""


class Cluster:
    """A running server; hands out one database at a time with the coordinator's tables."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._has_pattern = False
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Number of the server's first process, whose children serve a line each."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = ["listen_addresses=", f"unix_socket_directories={self._folder}", *_SWIFT]
        settings = [word for option in options for word in ("-c", option)]
        command = [_program("postgres"), "-D", str(self._folder / "data"), *settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as_user())
        deadline_s = time.monotonic() + _START_S
        while not self._answers():
            assert time.monotonic() < deadline_s, (self._folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server, whoever is connected."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)  # nothing is tidied up: nobody needs it
        self._process.wait(_START_S)

    def restart(self) -> None:
        """Stop the server, and start it again."""
        self.stop()
        self.start()

    def end_lines(self) -> None:
        """End all lines to the server, as an administrator does."""
        self._execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    @property
    def socket_path(self) -> str:
        """Where the server listens."""
        return str(self._folder / ".s.PGSQL.5432")

    def url(self, database: str) -> str:
        """Return where the coordinator finds a database."""
        return f"postgresql://{_USER}@/{database}?unix_sock={self.socket_path}"

    def new_database(self) -> str:
        """Return the URL of an empty database of the newest schema; the one before goes away."""
        if not self._has_pattern:
            self._execute("CREATE DATABASE pattern")
            Store(self.url("pattern")).close()
            self._has_pattern = True
        self._execute("DROP DATABASE IF EXISTS test WITH (FORCE)")
        self._execute("CREATE DATABASE test TEMPLATE pattern")
        return self.url("test")

    def make_database(self, template: str = "template0") -> str:
        """Make a copy of a database that nobody is connected to; return its name."""
        name = f"own_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except DBAPIError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        url = self.url("postgres").replace("postgresql:", "postgresql+pg8000:")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster, and remove it on leaving."""
    # Not below pytest's own folders, which only root may enter.
    folder = Path(tempfile.mkdtemp(prefix="siteblind-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
        make = [_program("initdb"), "-D", str(folder / "data"), "-U", _USER, "--auth=trust"]
        more = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*make, *more], check=True, capture_output=True, **_as_user())
        cluster = Cluster(folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """Return a program of the newest PostgreSQL; Debian keeps all but the client out of PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(installed[-1]) if installed else shutil.which(name)
    assert found, f"{name} is not there: `make test` installs PostgreSQL, or apt-get as root"
    return found


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": _USER, "group": _USER, "extra_groups": [], "cwd": "/"}
