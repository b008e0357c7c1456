"""Sites that average with each other: in a study all of them, in a control each with itself."""

from collections.abc import Generator, Iterable, Sequence

from desktop_client.federation.averager import Averager, Section, site_id_of
from desktop_client.federation.exchange import UNASSIGNED, GlobalParameters
from desktop_client.simulation.site_models import SiteModels
from desktop_client.training.events import StepFinished, TrainingWarned


class Pool:
    """Sites that train and average the same global parameters.

    Args:
        names: Of the sites.
        models: Of at least these sites.
        averager: With the parameters to begin from.
    """

    def __init__(self, names: Sequence[str], models: SiteModels, averager: Averager) -> None:
        self.names = tuple(names)
        self.averager = averager
        self.sent_byte_count = 0
        """Of the newest update, as it travels."""
        self.newest_update = b""
        """As the coordinator comes to have it."""
        self._models = models

    @property
    def extractors(self) -> dict[str, str]:
        """By feature extractor, the first of the sites that have it."""
        firsts: dict[str, str] = {}
        for name in self.names:
            firsts.setdefault(self._models.extractors[name], name)
        return firsts

    @property
    def received_byte_count(self) -> int:
        """Of the newest global parameters, as all sites together receive them."""
        sizes = self.averager.published_byte_counts
        return sum(sizes[self._models.extractors[name]] for name in self.names)

    def base_of(self, name: str) -> GlobalParameters:
        """Return the newest global parameters with the feature extractor that a site has."""
        return self.averager.bases[self._models.extractors[name]]

    def train(self, name: str, number: int) -> Generator[StepFinished | TrainingWarned]:
        """Train a picked site for a round and take its update."""
        site_id, local = site_id_of(name), self._models.at(name)
        base = self.base_of(name)
        yield from local.train_round(base, number, site_id)
        body = local.update(base, number, UNASSIGNED, site_id)
        self._models.put_away(name)
        self.sent_byte_count = len(body)
        self.newest_update = self.averager.unrounded(body, local.extractor)
        self.averager.take(site_id, self.newest_update)

    def average(self, number: int, present: Iterable[str]) -> None:
        """Average the updates of these sites, and what still counts of the others'."""
        self.averager.average(number, map(site_id_of, present))

    def state(self) -> tuple[Section, ...]:
        """Return what the rounds to come depend on."""
        own = self._models.own(self.names)
        local = [Section("local", name, arrays) for name, arrays in own.items()]
        return (*self.averager.state(), *local)

    def restore(self, sections: Iterable[Section]) -> None:
        """Go on from a state."""
        for section in sections:
            if section.kind == "local":
                self._models.restore({section.owner: section.arrays})
            else:
                self.averager.restore(section)
