"""A study's model as one file that explains itself."""

from typing import Final

from coordinator.blobs import BlobFolder
from coordinator.errors import ParametersUnavailableError
from coordinator.parameters import decode, digest_of, encode, split_arrays
from coordinator.protocol import GlobalMessage
from coordinator.published import newest_published
from coordinator.store import Store
from coordinator.studies import find_study

STUDY_KEY: Final = "study"
"""Metadata key of the study's JSON, beside the message."""


def export_study(
    store: Store, blobs: BlobFolder, study_id: str, *, is_unfinished_wanted: bool = False
) -> bytes:
    """Return the newest global parameters as a safetensors body with message and study.

    The sites' moments and styles stay behind: a model needs none, and they were shared for
    training only. The message's digest is that of the arrays in the file.

    Raises:
        StudyUnknownError: if there is no such study.
        ParametersUnavailableError: if it has no parameters, or rounds are left and nobody asked
            for an unfinished model.
        StateDamagedError: if the file is missing or torn.
    """
    with store.reading() as connection:
        study = find_study(connection, study_id).study
        newest = newest_published(connection, study_id)
    if newest is None:
        raise ParametersUnavailableError("The study has no parameters yet")
    if newest.round_number < study.rounds.count and not is_unfinished_wanted:
        raise ParametersUnavailableError(
            f"Only {newest.round_number} of {study.rounds.count} rounds are averaged; "
            "pass --unfinished to export the model as it is now"
        )
    arrays, message = decode(blobs.get(newest.blob), GlobalMessage)
    parameters = split_arrays(arrays).parameters
    message = message.model_copy(update={"digest": digest_of(parameters)})
    return encode(parameters, message, {STUDY_KEY: study.model_dump_json()})
