"""Who reads here: names, without passwords; the computer's own log-in guards the desk."""

from desktop_client.errors import LabelStoreError
from desktop_client.labelling.audit import AuditTrail
from desktop_client.labelling.database import Database
from desktop_client.labelling.naming import clean


class Readers:
    """The readers of one store."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def names(self) -> list[str]:
        """Return everybody who ever signed in, in that order."""
        return [
            name for (name,) in self._database.read("SELECT name FROM readers ORDER BY position")
        ]

    def sign_in(self, name: str) -> str:
        """Record that a reader begins, a new one or one known; return the name as it is known."""
        wanted = clean(name)
        if not wanted:
            raise LabelStoreError("A reader needs a name.")
        with self._database.transaction():
            known = {reader.casefold(): reader for reader in self.names()}
            if wanted.casefold() not in known:
                self._database.write("INSERT INTO readers (name) VALUES (?)", wanted)
            reader = known.get(wanted.casefold(), wanted)
            self._audit.record("signed_in", reader, {})
            return reader
