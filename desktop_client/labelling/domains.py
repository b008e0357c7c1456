"""The acquisition domains (scanners) of a store: named once, and found again by a file's header."""

from typing import Final
from uuid import UUID, uuid4

from desktop_client.errors import LabelStoreError
from desktop_client.imaging.origin import Scanner
from desktop_client.labelling.database import Database
from desktop_client.labelling.naming import clean
from desktop_client.labelling.properties import Properties
from desktop_client.labelling.provenance import Provenance
from desktop_client.labelling.sample import Domain

DEFAULT_DOMAIN_NAME: Final = "Unnamed scanner"

_DEFAULT_DOMAIN: Final = "default_domain"


class DomainBook:
    """The domains of one store; each change is one durable transaction."""

    def __init__(self, database: Database, properties: Properties, provenance: Provenance) -> None:
        self._database = database
        self._properties = properties
        self._provenance = provenance

    def domains(self) -> list[Domain]:
        """Return all in the order in which they were added."""
        rows = self._database.read("SELECT domain_id, name FROM domains ORDER BY position")
        return [Domain(UUID(domain_id), name) for domain_id, name in rows]

    def named(self, name: str) -> Domain:
        """Return the domain of this name, whatever its capitals; make it if there is none."""
        wanted = clean(name)
        if not wanted:
            raise LabelStoreError("A scanner needs a name.")
        with self._database.transaction():
            for domain in self.domains():
                if domain.name.casefold() == wanted.casefold():
                    return domain
            added = Domain(uuid4(), wanted)
            self._database.write(
                "INSERT INTO domains (domain_id, name) VALUES (?, ?)",
                str(added.domain_id),
                added.name,
            )
            return added

    def of_scanner(self, scanner: Scanner) -> UUID:
        """Return a scanner's domain; a new one's is named so that people can tell them apart."""
        with self._database.transaction():
            known = self._provenance.domain_of(scanner)
            if known is not None:
                return known
            names = [scanner.name]
            if scanner.station and scanner.station != scanner.name:
                names.append(f"{scanner.name} ({scanner.station})")
            names += (f"{names[-1]} {number}" for number in range(2, 1000))
            domains = (self.named(name) for name in names)
            free = next(d for d in domains if not self._provenance.is_scanners(d.domain_id))
            self._provenance.note_scanner(scanner, free.domain_id)
            return free.domain_id

    def default(self) -> Domain:
        """Return the domain of images of which nobody said where they were acquired."""
        with self._database.transaction():
            known = self._properties.get(_DEFAULT_DOMAIN)
            if known is None:
                domain = self.named(DEFAULT_DOMAIN_NAME)
                self._properties.put(_DEFAULT_DOMAIN, domain.domain_id.bytes)
                return domain
            wanted = UUID(bytes=known)
            return next(d for d in self.domains() if d.domain_id == wanted)
