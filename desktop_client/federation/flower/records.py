"""What travels in Flower's messages: one message of ours as JSON, and bodies as safetensors.

Flower moves an array's bytes as they are and in pieces; they are ours, so nothing is unpickled, and
whoever receives a body checks it as a whole.
"""

from typing import Annotated, Final, TypeVar
from uuid import UUID

from flwr.app import Array, ArrayRecord, ConfigRecord, Message, RecordDict
from pydantic import Field, ValidationError

from coordinator.errors import MalformedBodyError
from coordinator.protocol import Identifier, ParametersReference, Sha256
from coordinator.protocol import Message as Words
from coordinator.study import ExtractorName
from desktop_client.training.events import StepFinished

WORDS: Final = "words"
BODY: Final = "body"
"""Global parameters on the way to a site, its update on the way back."""
OWN: Final = "own"
"""What is a simulated site's own of the model; a real one keeps it."""

_SAFETENSORS: Final = "safetensors"
"""How an array's bytes are to be read, in Flower's words."""

Said = TypeVar("Said", bound=Words)


class Introduction(Words):
    """Who a node is, before it is sent anything."""

    site_name: Annotated[str, Field(min_length=1, max_length=200)]
    study_digest: Sha256
    """Of the study.toml that the site has agreed to."""
    extractor: ExtractorName
    """The one that it has chosen of those that the study has."""
    domain_ids: tuple[UUID, ...] = Field(min_length=1, max_length=4096)


class TrainingTask(Words):
    """What a picked site is to do."""

    study_id: Identifier
    study_digest: Sha256
    site_id: Identifier
    round_number: int = Field(ge=1)
    parameters: ParametersReference
    domain_indices: dict[UUID, int]
    """Of the site's domains."""
    measures_first: bool
    """Whether to say how good the parameters are on this site's held-out images."""


class TrainingReport(Words):
    """How a round's training went, beside the update that came of it."""

    steps: tuple[StepFinished, ...]
    warnings: tuple[str, ...]


class OwnState(Words):
    """Stands beside what is a site's own of the model."""

    round_number: int


def said_in(message: Message, kind: type[Said]) -> Said:
    """Return the message of ours that one of Flower's holds.

    Raises:
        MalformedBodyError: if it holds none of this kind.
    """
    try:
        return kind.model_validate_json(message.content[WORDS]["json"])
    except (ValidationError, KeyError, TypeError) as error:
        raise MalformedBodyError(f"The message holds no valid {kind.__name__}") from error


def content_of(words: Words, **bodies: bytes) -> RecordDict:
    """Put a message and bodies into records."""
    records = {name: record_of(name, body) for name, body in bodies.items()}
    return RecordDict({WORDS: ConfigRecord({"json": words.model_dump_json()}), **records})


def body_in(message: Message, name: str = BODY) -> bytes:
    """Return the bytes of a body, unchecked.

    Raises:
        MalformedBodyError: if there is none.
    """
    try:
        array = message.content[name][name]
    except KeyError as error:
        raise MalformedBodyError(f"The message holds no {name}") from error
    if array.stype != _SAFETENSORS:
        raise MalformedBodyError(f"The {name} is {array.stype}; only {_SAFETENSORS} may travel")
    data: bytes = array.data
    return data


def record_of(name: str, body: bytes) -> ArrayRecord:
    """Put a body into a record; it is one array of bytes to Flower."""
    return ArrayRecord({name: Array("uint8", (len(body),), _SAFETENSORS, body)})
