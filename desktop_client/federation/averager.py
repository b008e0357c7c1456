"""The coordinator's part of a study where there is none: keep updates, average them, publish.

Weighted, averaged and rounded by the coordinator's own functions. For simulations, and for the
server of Flower; a coordinator that hospitals reach does more, in ``coordinator.rounds``.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from coordinator.encoding import difference_parts, restored, values_of
from coordinator.method.arrays import HeldArrays, gathered
from coordinator.method.averaging import average, mean_with, rule_of
from coordinator.method.statistics import newest_statistics
from coordinator.method.weighting import SentUpdate, contributions
from coordinator.parameters import (
    Parameters,
    decode,
    digest_of,
    encode,
    manifest_of,
    value_count,
)
from coordinator.protocol import (
    DifferenceMessage,
    GlobalMessage,
    UpdateMessage,
    global_fit,
    update_fit,
)
from coordinator.rounding import COORDINATOR, seed_of
from coordinator.study import ExtractorName, Study
from desktop_client.federation.exchange import (
    UNASSIGNED,
    GlobalParameters,
    initial_body,
    unpacked,
)
from desktop_client.federation.update_file import UpdateFile

Kind = Literal["base", "kept", "past", "local"]
COORDINATORS_ID: Final = re.compile(r"[0-9a-f]{32}")
"""What a coordinator calls a site."""


@dataclass(frozen=True)
class Section:
    """Arrays of one kind: global parameters, or what is kept or local of one site."""

    kind: Kind
    owner: str
    arrays: Parameters
    message: str = ""
    """That the arrays travelled with, as JSON."""


class Averager:
    """Global parameters, and what still counts of the updates that sites sent.

    Args:
        study: The study.
        base: Global parameters to begin from.
        folder: For updates, of nobody else; what lies in it is not read.
        others: The same with the other extractors that sites have, if any.
    """

    def __init__(
        self,
        study: Study,
        base: GlobalParameters,
        folder: Path,
        others: Iterable[GlobalParameters] = (),
    ) -> None:
        self.bases = {one.message.extractor: one for one in (base, *others)}
        """By extractor, the newest global parameters with it."""
        self.published_byte_counts = dict.fromkeys(self.bases, 0)
        """Of each of them, as a site receives it."""
        self._first = base.message.extractor
        self._study = study
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._updates: dict[str, UpdateFile] = {}
        """The last of each site: whole until its round is averaged, then what is kept of it."""
        self._past: dict[str, list[Parameters]] = {extractor: [] for extractor in self.bases}

    @property
    def base(self) -> GlobalParameters:
        """The newest global parameters, where all sites have the same extractor."""
        return self.bases[self._first]

    def unrounded(self, body: bytes, extractor: ExtractorName | None = None) -> bytes:
        """Return an update that travelled as the coordinator keeps it.

        Args:
            body: As it travelled.
            extractor: Of the site that sent it; None where all have the same.

        Raises:
            BodyRefusedError: if it is no difference from the global parameters, but should be.
        """
        if not self._study.exchange.is_of_differences:
            return body
        base = self.bases[extractor or self._first].parameters
        fit = update_fit(self._study, manifest_of(base), self._study.model.domain_capacity)
        return encode(*restored(body, UpdateMessage, base, fit))

    def take(self, site_id: str, body: bytes) -> UpdateFile:
        """Keep a site's update of the running round, unrounded, in place of its earlier one."""
        taken = self._updates[site_id] = UpdateFile.written(self._path_of(site_id), body)
        return taken

    def average(self, number: int, present: Iterable[str]) -> None:
        """Average what is present, and what still counts of the others (S216-S217).

        Args:
            number: The round.
            present: Sites whose update of this round has been taken.
        """
        here = frozenset(present)
        sent = [update.sent for update in self._updates.values()]
        for extractor in self.bases:
            self._average_with(extractor, number, here, sent)
        self._updates |= {site_id: self._updates[site_id].trimmed() for site_id in here}

    def take_mean_of_rounds(self) -> None:
        """Make the mean of the last rounds the study's models, as the coordinator does."""
        for extractor, past in self._past.items():
            *earlier, newest = map(HeldArrays, past)
            if not earlier:
                return
            base, shapes = self.bases[extractor], newest.shapes
            mean = mean_with(earlier, [newest.values(0, value_count(shapes))])
            before = replace(base, parameters=past[-2])
            riding = {name: array for name, array in base.arrays.items() if name not in shapes}
            self._publish(before, base.message.round_number, gathered(shapes, mean), riding)

    def state(self) -> tuple[Section, ...]:
        """Return what the rounds to come depend on."""
        bases = [
            Section("base", extractor, base.arrays, base.message.model_dump_json())
            for extractor, base in self.bases.items()
        ]
        past = [
            Section("past", extractor, parameters)
            for extractor, rounds in self._past.items()
            for parameters in rounds
        ]
        kept = [
            Section("kept", site_id, update.arrays(), update.message.model_dump_json())
            for site_id, update in sorted(self._updates.items())
        ]
        return (*bases, *kept, *past)

    def restore(self, section: Section) -> None:
        """Take up a part of a state."""
        match section.kind:
            case "base":
                message = GlobalMessage.model_validate_json(section.message)
                base = unpacked(section.arrays, message, digest_of(section.arrays))
                self.bases[section.owner] = base
            case "kept":
                sent = UpdateMessage.model_validate_json(section.message)
                self.take(section.owner, encode(section.arrays, sent))
            case "past":
                self._past[section.owner].append(section.arrays)

    def _average_with(
        self, extractor: str, number: int, here: frozenset[str], sent: Sequence[SentUpdate]
    ) -> None:
        """Average and publish the model with one of the extractors."""
        base, plan = self.bases[extractor], self._study.rounds
        counting = contributions(sent, number, here, plan, extractor)
        parameters = average(counting, HeldArrays(base.parameters), rule_of(plan))
        per_domain = self._study.moments_per_domain
        statistics = newest_statistics(sent, number, per_domain, extractor)
        riding = {name: held.array(name) for name, held in statistics.items()}
        # What was published, rounded or not, and last what is to be: as the coordinator joins them.
        past = self._past[extractor] and [*self._past[extractor][:-1], base.parameters]
        self._past[extractor] = [*past, parameters][-plan.averaged_rounds :]
        self._publish(base, number, parameters, riding)

    def _publish(
        self, before: GlobalParameters, number: int, new: Parameters, riding: Parameters
    ) -> None:
        """Make new parameters the sites', in the form in which they travel."""
        study, arrays = self._study, {**new, **riding}
        message = before.message.model_copy(update={"round_number": number})
        extractor = message.extractor
        if not study.exchange.is_of_differences:
            self.published_byte_counts[extractor] = len(encode(arrays, message))
        else:
            said = DifferenceMessage(
                parameters=message, base_digest=before.digest, encoding=study.exchange.encoding
            )
            fit, base = global_fit(study, manifest_of(new)), values_of(before.parameters)
            values = (new[name] for name in sorted(new))
            seed = seed_of(COORDINATOR, number, study.rounds.seed)
            body = b"".join(difference_parts(said, values, base, riding, fit, seed))
            self.published_byte_counts[extractor] = len(body)
            arrays, _ = restored(body, DifferenceMessage, before.parameters, fit)
        self.bases[extractor] = unpacked(arrays, message, digest_of(arrays))

    def _path_of(self, site_id: str) -> Path:
        return self._folder / f"{site_id}.safetensors"


def initial_parameters(
    study: Study,
    domain_count: int,
    weights_path: Path | None = None,
    extractor: ExtractorName | None = None,
) -> GlobalParameters:
    """Return what the study's sites would begin from, with all domains known.

    Raises:
        PretrainedWeightsError: if weights that the study begins from are missing or do not fit.
    """
    body = initial_body(study, UNASSIGNED, study.rounds.seed, weights_path, extractor)
    arrays, message = decode(body, GlobalMessage)
    message = message.model_copy(update={"domain_count": domain_count})
    return unpacked(arrays, message, digest_of(arrays))


def site_id_of(name: str) -> str:
    """Return an identifier for a site, whose name can hold anything.

    A name that is a coordinator's own id of a site stands for itself: sites are picked, and their
    training is seeded, by it, so that what a coordinator has run can be run again without it.
    """
    if COORDINATORS_ID.fullmatch(name):
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:16]
