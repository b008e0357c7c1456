"""A round's parameters on their way to this site: as a whole, or as what rounds have changed."""

import logging
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Final

from coordinator.errors import CredentialRefusedError, StudyUnknownError
from coordinator.parameters import Manifest
from coordinator.protocol import ParametersReference, global_fit
from desktop_client.errors import CoordinatorRefusedError, StudyUnsuitableError
from desktop_client.federation.client import CoordinatorClient
from desktop_client.federation.events import CoordinatorAway, TransferAdvanced
from desktop_client.federation.exchange import (
    GlobalParameters,
    brought_up_to,
    download_limit_bytes,
    read_global,
)
from desktop_client.federation.membership import Membership
from desktop_client.federation.transfer import metered
from desktop_client.federation.waiting import patiently
from desktop_client.training.events import StillWorking

logger = logging.getLogger(__name__)

MISSED_ROUNDS: Final = 4
"""How many rounds' differences are put one on the other; after more, the whole is fetched."""
FINAL_REFUSALS: Final = frozenset({CredentialRefusedError.code, StudyUnknownError.code})
"""Refusals of the site as such: asking again would not help."""

Event = CoordinatorAway | StillWorking | TransferAdvanced


@dataclass(frozen=True)
class Incoming:
    """What comes from the coordinator of one study, checked before anything is made of it."""

    client: CoordinatorClient
    membership: Membership
    manifest: Manifest

    def parameters(
        self, reference: ParametersReference, base: GlobalParameters | None
    ) -> Generator[Event, None, tuple[GlobalParameters, int]]:
        """Return parameters that were announced, and how many bytes they came in.

        Args:
            reference: Which are meant.
            base: Those that are here already, if any.

        Raises:
            StudyUnsuitableError: if what comes is not this study's model.
            CoordinatorRefusedError: if the site has been removed from the study.
        """
        study, study_id = self.membership.study, self.membership.study_id
        extractor = self.membership.own_extractor
        if base is not None and (differences := (yield from self._differences(reference, base))):
            try:
                body = brought_up_to(base.parameters, differences, study, self.manifest)
                found = read_global(body, study, self.manifest, reference, extractor)
                return found, sum(map(len, differences))
            except StudyUnsuitableError as error:
                logger.warning("The new parameters are fetched as a whole: %s", error)
        limit_bytes = download_limit_bytes(study, self.manifest)
        ask = partial(
            self.client.download_parameters, study_id, reference.round_number, limit_bytes
        )
        body = yield from metered(self.client.meter, patiently(ask))
        return read_global(body, study, self.manifest, reference, extractor), len(body)

    def _differences(
        self, reference: ParametersReference, base: GlobalParameters
    ) -> Generator[Event, None, list[bytes]]:
        """Return what each round changed since the parameters that are here; [] if unknown."""
        study, study_id = self.membership.study, self.membership.study_id
        if not study.exchange.is_of_differences:
            return []
        missed = range(base.message.round_number + 1, reference.round_number + 1)
        if len(missed) > MISSED_ROUNDS:
            return []
        limit_bytes, differences = global_fit(study, self.manifest).limit_bytes, []
        for number in missed:
            try:
                ask = partial(self.client.download_difference, study_id, number, limit_bytes)
                body = yield from metered(self.client.meter, patiently(ask))
            except CoordinatorRefusedError as error:
                if error.code in FINAL_REFUSALS:
                    raise
                return []
            differences.append(body)
        return differences
