"""Lines to PostgreSQL on which each statement is parsed once, however often it is executed.

pg8000's own cursor goes through a statement sign by sign in Python, lets the server parse it and
waits for that thrice, at each execution; most of what a short transaction takes is that. Here a
line keeps what it has prepared, and an execution is one question and its answer.
"""

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pg8000.core import make_params
from pg8000.dbapi import (
    Connection,
    Cursor,
    DatabaseError,
    Error,
    IntegrityError,
    InterfaceError,
    convert_paramstyle,
)

_KEPT: Final = 200
"""Statements that a line keeps; the program has fewer, but for those that list so many ids."""
_LONGEST_KEPT: Final = 10_000
"""Characters of one: what lists thousands of ids, never as many again, would be kept for nothing,
by the server as well."""

_TIMESTAMP: Final = 1114
"""Without a zone; https://github.com/postgres/postgres, src/include/catalog/pg_type.dat"""
_INTEGRITY: Final = "23"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the server knows it."""

    text: str
    name: bytes
    columns: Any
    input_funcs: Any


class PreparingConnection(Connection):  # type: ignore[misc]  # pg8000 has no types
    """A connection that begins no transaction by itself and prepares what has parameters."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  pg8000's own
        try:
            super().__init__(*arguments, **named)
        except BaseException:
            self._let_go()
            raise
        self.autocommit = True
        # Reads the same as pg8000's own in a fraction of the time.
        self.register_in_adapter(_TIMESTAMP, datetime.fromisoformat)
        self._prepared: OrderedDict[str, _Prepared] = OrderedDict()

    def cursor(self) -> "_Cursor":
        """Return a cursor."""
        return _Cursor(self)

    def commit(self) -> None:
        """Commit, if anything has begun; by one message, where pg8000 has the word parsed first."""
        if self._in_transaction:
            self.execute_simple("commit")

    def rollback(self) -> None:
        """Undo what was not committed, if anything has begun."""
        if self._in_transaction:
            self.execute_simple("rollback")

    def close(self) -> None:
        """Close the line, which the server may have left already."""
        with suppress(InterfaceError):
            super().close()

    def _let_go(self) -> None:
        """Close what pg8000 leaves open of a line that ends with its first words or in an answer.

        The server then undoes what was begun.
        """
        for end in (getattr(self, "_sock", None), getattr(self, "_usock", None)):
            with suppress(OSError):
                if end is not None:
                    end.close()
        self._sock = self._usock = self._transaction_status = None

    def handle_messages(self, context: Any) -> None:  # noqa: ANN401
        """Wait for an answer; tell by an error's class what pg8000 tells by its words, or not."""
        try:
            super().handle_messages(context)
        except DatabaseError as error:
            if error.args[0].get("C", "").startswith(_INTEGRITY):
                raise IntegrityError(*error.args) from error
            raise
        except OSError as error:
            raise InterfaceError("network error") from error
        except Error:
            raise
        except BaseException:
            # What is left of the answer would be taken for that to the next question.
            self._let_go()
            raise

    def execute_prepared(self, statement: str, parameters: Any) -> Any:  # noqa: ANN401
        """Execute a statement with ``%s`` for each of its parameters; return pg8000's context."""
        known = self._prepared.get(statement) or self._prepare(statement, parameters)
        self._prepared.move_to_end(statement)
        values = make_params(self.py_types, parameters)
        try:
            return self.execute_named(
                known.name, values, known.columns, known.input_funcs, known.text
            )
        except DatabaseError:
            # Its tables may be others than when it was parsed, or the server has it no more.
            self._forget(statement)
            raise

    def _prepare(self, statement: str, parameters: Any) -> _Prepared:  # noqa: ANN401
        if len(self._prepared) >= _KEPT:
            self._forget(next(iter(self._prepared)))
        text, _ = convert_paramstyle("format", statement, parameters)
        prepared = _Prepared(text, *self.prepare_statement(text, ()))
        self._prepared[statement] = prepared
        return prepared

    def _forget(self, statement: str) -> None:
        self.close_prepared_statement(self._prepared.pop(statement).name)


def connected(*arguments: Any, **named: Any) -> PreparingConnection:  # noqa: ANN401  pg8000's own
    """Return a new line.

    Raises:
        InterfaceError: if there is none to be had, or the server does not answer on it in time.
    """
    try:
        return PreparingConnection(*arguments, **named)
    except OSError as error:
        raise InterfaceError("network error") from error


class _Cursor(Cursor):  # type: ignore[misc]
    def execute(self, operation: str, args: Any = (), stream: Any = None) -> None:  # noqa: ANN401
        if not args or stream is not None or len(operation) > _LONGEST_KEPT:
            super().execute(operation, args, stream)
            return
        if self._c is None:
            raise InterfaceError("Cursor closed")
        self._context = self._c.execute_prepared(operation, args)
        self._row_iter = None if self._context.rows is None else iter(self._context.rows)
