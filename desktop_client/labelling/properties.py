"""What a store keeps by name beside images and labels: secrets, and the project's own choices."""

import secrets

from desktop_client.labelling.database import Database


class Properties:
    """Values of one store; each is durable when a method returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> bytes | None:
        """Return the value of this name, if there is one."""
        rows = self._database.read("SELECT value FROM properties WHERE name = ?", name)
        return rows[0][0] if rows else None

    def put(self, name: str, value: bytes) -> None:
        """Keep a value in place of the one that there is."""
        self._database.write(
            "INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", name, value
        )

    def secret(self, name: str) -> bytes:
        """Return 256 random bits of this installation, drawn when they are first needed."""
        with self._database.transaction():
            drawn = self.get(name)
            if drawn is None:
                drawn = secrets.token_bytes(32)
                self.put(name, drawn)
            return drawn
