"""Sites that average with each other: in a study all of them, in a control each with itself."""

import hashlib
from collections.abc import Generator, Iterable
from dataclasses import replace

from coordinator.encoding import difference_parts, restored, values_of
from coordinator.method.arrays import HeldArrays, gathered
from coordinator.method.averaging import average, mean_with, rule_of
from coordinator.method.statistics import newest_statistics
from coordinator.method.weighting import KEPT_PREFIXES, SentUpdate, contributions
from coordinator.parameters import Parameters, decode, digest_of, encode, manifest_of, value_count
from coordinator.protocol import (
    DifferenceMessage,
    GlobalMessage,
    UpdateMessage,
    global_fit,
    update_fit,
)
from coordinator.rounding import COORDINATOR, seed_of
from coordinator.study import Study
from desktop_client.federation.exchange import (
    UNASSIGNED,
    GlobalParameters,
    initial_body,
    load_parameters,
    local_state,
    unpacked,
)
from desktop_client.federation.local_model import LocalModel
from desktop_client.simulation.state import Section
from desktop_client.training.events import StepFinished, TrainingWarned


class Pool:
    """Global parameters, and the sites that train and average them.

    Args:
        study: The study.
        sites: By name.
        base: Global parameters to begin from.
    """

    def __init__(self, study: Study, sites: dict[str, LocalModel], base: GlobalParameters) -> None:
        self.sites = sites
        self.base = base
        self.sent_byte_count = 0
        """Of the newest update, as it travels."""
        self.newest_update = b""
        """As the coordinator comes to have it."""
        self.published_byte_count = 0
        """Of the newest global parameters, as every site receives them."""
        self._study = study
        self._updates: dict[str, bytes] = {}
        """The last of each site: whole until its round is averaged, then what is kept of it."""
        self._past: list[Parameters] = []

    def train(self, name: str, number: int) -> Generator[StepFinished | TrainingWarned]:
        """Train a picked site for a round and take its update."""
        site_id = site_id_of(name)
        yield from self.sites[name].train_round(self.base, number, site_id)
        body = self.sites[name].update(self.base, number, UNASSIGNED, site_id)
        self.sent_byte_count = len(body)
        self.newest_update = self._updates[name] = self._unrounded(body)

    def average(self, number: int, present: Iterable[str]) -> None:
        """Average what is present, and what still counts of the others (S216-S217)."""
        sent = [_sent(body) for body in self._updates.values()]
        plan = self._study.rounds
        counting = contributions(sent, number, frozenset(map(site_id_of, present)), plan)
        shapes = manifest_of(self.base.parameters)
        parameters = average(counting, shapes, rule_of(plan))
        statistics = newest_statistics(sent, number, self._study.moments_per_domain)
        riding = {name: held.array(name) for name, held in statistics.items()}
        # What was published, rounded or not, and last what is to be: as the coordinator joins them.
        past = [*self._past[:-1], self.base.parameters] if self._past else []
        self._past = [*past, parameters][-self._study.rounds.averaged_rounds :]
        self._publish(self.base, number, parameters, riding)
        self._updates = {name: _kept(body) for name, body in self._updates.items()}

    def take_mean_of_rounds(self) -> None:
        """Make the mean of the last rounds the study's model, as the coordinator does."""
        *earlier, newest = map(HeldArrays, self._past)
        if not earlier:
            return
        shapes, arrays = newest.shapes, self.base.arrays
        mean = mean_with(earlier, [newest.values(0, value_count(shapes))])
        before = replace(self.base, parameters=self._past[-2])
        riding = {name: array for name, array in arrays.items() if name not in shapes}
        self._publish(before, self.base.message.round_number, gathered(shapes, mean), riding)

    def _publish(
        self, before: GlobalParameters, number: int, new: Parameters, riding: Parameters
    ) -> None:
        """Make new parameters the sites', in the form in which they travel."""
        study, arrays = self._study, {**new, **riding}
        message = before.message.model_copy(update={"round_number": number})
        if not study.exchange.is_of_differences:
            self.published_byte_count = len(encode(arrays, message))
        else:
            said = DifferenceMessage(
                parameters=message, base_digest=before.digest, encoding=study.exchange.encoding
            )
            fit, base = global_fit(study, manifest_of(new)), values_of(before.parameters)
            values = (new[name] for name in sorted(new))
            seed = seed_of(COORDINATOR, number, study.rounds.seed)
            body = b"".join(difference_parts(said, values, base, riding, fit, seed))
            self.published_byte_count = len(body)
            arrays, _ = restored(body, DifferenceMessage, before.parameters, fit)
        self.base = unpacked(arrays, message, digest_of(arrays))

    def _unrounded(self, body: bytes) -> bytes:
        """Return an update as the coordinator keeps it."""
        if not self._study.exchange.is_of_differences:
            return body
        base = self.base.parameters
        fit = update_fit(self._study, manifest_of(base), self._study.model.domain_capacity)
        return encode(*restored(body, UpdateMessage, base, fit))

    def state(self) -> tuple[Section, ...]:
        """Return what the rounds to come depend on."""
        local = [Section("local", n, local_state(s.model)) for n, s in self.sites.items()]
        past = [Section("past", "", parameters) for parameters in self._past]
        kept = []
        for name, body in sorted(self._updates.items()):
            arrays, sent = decode(body, UpdateMessage)
            kept.append(Section("kept", name, arrays, sent.model_dump_json()))
        message = self.base.message.model_dump_json()
        return (Section("base", "", self.base.arrays, message), *kept, *past, *local)

    def restore(self, sections: Iterable[Section]) -> None:
        """Go on from a state."""
        for section in sections:
            match section.kind:
                case "base":
                    message = GlobalMessage.model_validate_json(section.message)
                    self.base = unpacked(section.arrays, message, digest_of(section.arrays))
                case "kept":
                    kept = UpdateMessage.model_validate_json(section.message)
                    self._updates[section.owner] = encode(section.arrays, kept)
                case "past":
                    self._past.append(section.arrays)
                case "local":
                    load_parameters(self.sites[section.owner].model, section.arrays)


def initial_parameters(study: Study, domain_count: int) -> GlobalParameters:
    """Return what the study's sites would begin from, with all domains known."""
    arrays, message = decode(initial_body(study, UNASSIGNED, study.rounds.seed), GlobalMessage)
    message = message.model_copy(update={"domain_count": domain_count})
    return unpacked(arrays, message, digest_of(arrays))


def site_id_of(name: str) -> str:
    """Return an identifier such as a coordinator gives; a folder's name can hold anything."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _kept(body: bytes) -> bytes:
    """Keep of an update what counts while its site is not picked."""
    arrays, message = decode(body, UpdateMessage)
    kept = {name: array for name, array in arrays.items() if name.startswith(KEPT_PREFIXES)}
    return encode(kept, message)


def _sent(body: bytes) -> SentUpdate:
    arrays, message = decode(body, UpdateMessage)
    return SentUpdate(
        message.site_id,
        message.round_number,
        message.sample_count,
        message.domain_indices,
        open_arrays=lambda: HeldArrays(arrays),
    )
