"""What a site keeps of each study it takes part in: who it is there, and its credential.

One folder per study in the home, readable by the user only. Never loads torch.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coordinator.study import ExtractorName, ModelDesign, Study
from desktop_client.durable import sync_folder, write_durably
from desktop_client.errors import HandedOverError, MembershipError
from desktop_client.labelling.sample import LesionClass
from desktop_client.paths import Home
from desktop_client.training.request import DeviceChoice

MEMBERSHIP_FILE: Final = "membership.json"
MODEL_FILE: Final = "global.safetensors"
ROUND_FILE: Final = "round.run"


class Contribution(BaseModel):
    """What of a site takes part in a study, as a person has chosen.

    Attributes:
        classes: By class of this site, the study's class that it means, or None if its images
            stay out. A class that is not named here means the study's class of its name.
        domain_ids: Scanners whose images take part; None for all, also those that come later.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: dict[UUID, UUID | None] = Field(default_factory=dict)
    domain_ids: frozenset[UUID] | None = None

    def takes(self, domain_id: UUID) -> bool:
        """Whether images of a scanner take part."""
        return self.domain_ids is None or domain_id in self.domain_ids


class Membership(BaseModel):
    """This site's place in one study. Holds the credential: never log it, never send it elsewhere.

    Attributes:
        credential: 256 random bits, chosen here; the coordinator keeps only their hash.
        next_credential: The one that is to take its place, while that is under way.
        contribution: What of this site takes part.
        handed_over_at: Since when another program of this site takes part in its place.
        extractor: Of the study's feature extractors, the one that this site has chosen for as
            long as it is a member; None for the study's first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study_id: str
    site_id: str
    site_name: str
    coordinator_url: str
    credential: str
    next_credential: str | None = None
    study: Study
    contribution: Contribution = Contribution()
    handed_over_at: datetime | None = None
    extractor: ExtractorName | None = None

    @property
    def own_extractor(self) -> ExtractorName:
        """The one that this site has."""
        return self.extractor or self.study.model.extractor

    @property
    def design(self) -> ModelDesign:
        """Of the model that this site trains."""
        return self.study.model.with_extractor(self.own_extractor)


@dataclass(frozen=True)
class StudyRequest:
    """Take part in a study's rounds; carried out by ``federation.site:take_part``."""

    home_path: Path
    study_id: str
    device: DeviceChoice = "automatic"
    rank_count: int = 1
    """As of a ``TrainingRequest``."""


def memberships(home: Home) -> list[Membership]:
    """Return the studies this site is in, in order of their names.

    Raises:
        MembershipError: if one of their files is damaged.
    """
    found = [read_membership(path) for path in home.memberships_path.glob(f"*/{MEMBERSHIP_FILE}")]
    return sorted(found, key=lambda m: (m.study.name, m.study_id))


def chosen_membership(joined: list[Membership], study_id: str | None) -> Membership:
    """Return the membership that is meant.

    Raises:
        MembershipError: if it is not clear which one.
    """
    meant = [m for m in joined if study_id in (None, m.study_id)]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise MembershipError("This site is in no such study; join one with --invitation")
    names = "; ".join(f"{m.study_id} “{m.study.name}”" for m in meant)
    raise MembershipError(f"This site is in several studies; choose with --study: {names}")


def membership_of(home: Home, study_id: str) -> Membership:
    """Return the membership in one study.

    Raises:
        MembershipError: if there is none, or its file is damaged.
    """
    path = home.memberships_path / study_id / MEMBERSHIP_FILE
    if not path.exists():
        raise MembershipError(f"This site is not in a study {study_id}; join it first")
    return read_membership(path)


def membership_here(home: Home, study_id: str) -> Membership:
    """Return the membership in a study that this very project takes part in.

    Raises:
        MembershipError: if there is none, or its file is damaged.
        HandedOverError: if another program of this site takes part in its place.
    """
    member = membership_of(home, study_id)
    if member.handed_over_at is not None:
        since = member.handed_over_at.astimezone()
        raise HandedOverError(
            f"The study “{member.study.name}” was handed over to another computer of this site at "
            f"{since:%H:%M on %d %B %Y}; take it back before it can be changed or trained here"
        )
    return member


def save_membership(home: Home, membership: Membership) -> None:
    """Write a membership durably, readable by this user only."""
    folder = home.create().memberships_path / membership.study_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = membership.model_dump_json(indent=2).encode()
    write_durably(folder / MEMBERSHIP_FILE, content)


def forget_membership(home: Home, study_id: str) -> None:
    """Remove a membership with its credential, durably; the study's model stays."""
    path = home.memberships_path / study_id / MEMBERSHIP_FILE
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def global_model_path(home: Home, study_id: str) -> Path:
    """Where the study's newest global model is kept at this site."""
    return home.memberships_path / study_id / MODEL_FILE


def round_path(home: Home, study_id: str) -> Path:
    """Where the training of a study's open round is kept while it lasts."""
    return home.memberships_path / study_id / ROUND_FILE


def new_credential() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def study_labels(
    study: Study, classes: Mapping[UUID, LesionClass], contribution: Contribution
) -> dict[UUID, int]:
    """Map this site's classes to the study's, as chosen, or else by name regardless of case.

    Returns:
        Index in the study of each local class that takes part.
    """
    of_name = {c.name.casefold(): i for i, c in enumerate(study.classes)}
    of_class = {c.class_id: i for i, c in enumerate(study.classes)}

    def meant_by(local: LesionClass) -> int | None:
        if local.class_id not in contribution.classes:
            return of_name.get(local.name.casefold())
        chosen = contribution.classes[local.class_id]
        return None if chosen is None else of_class.get(chosen)

    meant = {class_id: meant_by(local) for class_id, local in classes.items()}
    return {class_id: index for class_id, index in meant.items() if index is not None}


def read_membership(path: Path) -> Membership:
    """Return a membership from its file, wherever that lies.

    Raises:
        MembershipError: if it is damaged.
    """
    try:
        return Membership.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        # The file holds a credential: neither its text nor pydantic's echo of it is repeated.
        raise MembershipError(
            f"{path} is damaged; restore it from a backup, or ask the study's owner for a new "
            "enrolment code and join again"
        ) from error
