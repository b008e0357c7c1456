"""Moving a study between two computers of one site, for example from the desk to a server.

What is handed over is a back-up of the project with the membership in one study: credential,
choices, records, and the training of the open round. The giver is marked first; the taker gives
the membership a new credential, so that the file, and whatever copy there is, opens nothing any
more. So at no time two of them can take part, and only the first to take a file has it.

Images are not in it. Never loads torch.
"""

import shutil
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from coordinator.errors import CredentialRefusedError
from desktop_client.durable import sync_folder, write_durably
from desktop_client.errors import (
    CoordinatorAwayError,
    CoordinatorRefusedError,
    HandedOverError,
    MembershipError,
    StudyUnsuitableError,
)
from desktop_client.federation.membership import (
    MEMBERSHIP_FILE,
    Membership,
    membership_here,
    membership_of,
    memberships,
    new_credential,
    read_membership,
    save_membership,
)
from desktop_client.federation.network import AUTHORITIES_FILE
from desktop_client.federation.rotation import finish_rotation
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.project.backup import BackupAdvanced, back_up
from desktop_client.project.restore import extract, look_into

_ASIDE: Final = ".taking-"
"""Begins the name of a folder in which a taking prepares a membership, and keeps the one before;
deeper than memberships lie, so that neither is taken for one."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The study is in the file, and no more trained here."""

    membership: Membership
    path: Path


@dataclass(frozen=True, slots=True)
class TakenOver:
    """This project takes part in the study from now on."""

    membership: Membership
    is_confirmed: bool = True
    """Whether the coordinator knows; else it is told before the first round."""


def hand_over(
    home: Home, study_id: str, reader: str, path: Path
) -> Generator[BackupAdvanced | HandedOver]:
    """Write a study into a file for another computer of this site; from then on it rests here.

    The project's lock must be held. Ceasing to iterate before the end leaves all as it was.

    Raises:
        MembershipError: if this site is not in the study, or has handed it over already.
        CoordinatorAwayError: if a new credential is under way and nobody answers.
        LabelStoreError: if the act cannot be recorded; nothing is changed then.
        BackupError: if the file cannot be written; nothing is changed then.
    """
    member = finish_rotation(home, membership_here(home, study_id))
    _record(home, "study_handed_over", reader, member)
    marked = member.model_copy(update={"handed_over_at": datetime.now(UTC)})
    save_membership(home, marked)
    try:
        with closing(back_up(home, path, is_meant=partial(_belongs_to, study_id))) as events:
            for event in events:
                if isinstance(event, BackupAdvanced):  # afterwards nobody can cease: the file opens
                    yield event
    except BaseException:
        save_membership(home, member)
        _record(home, "study_taken_back", reader, member)
        raise
    yield HandedOver(marked, path)


def take_over(home: Home, path: Path, reader: str) -> Generator[BackupAdvanced | TakenOver]:
    """Take part in the study that a file hands over, in the place of whoever wrote it.

    The project's lock must be held, and the project have the labels that the study is trained
    with; a coordinator that does not answer is told later.

    Raises:
        BackupError: if the file is damaged.
        MembershipError: if the file hands over no study, or this project takes part in it already.
        CoordinatorRefusedError: if somebody has taken the file before; nothing is changed then.
        StudyUnsuitableError: if the project's classes or scanners are others.
    """
    study_id = study_in(path)
    folder, aside = home.memberships_path / study_id, home.memberships_path / (_ASIDE + study_id)
    _tidy(folder, aside)
    home.memberships_path.mkdir(exist_ok=True, mode=0o700)
    aside.mkdir(mode=0o700)
    staged, before = aside / "new", aside / "before"
    try:
        yield from extract(path, f"studies/{study_id}", staged)
        taken = _checked(home, read_membership(staged / MEMBERSHIP_FILE), path)
        write_durably(staged / MEMBERSHIP_FILE, taken.model_dump_json(indent=2).encode())
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    if folder.exists():
        folder.rename(before)
    staged.rename(folder)
    sync_folder(home.memberships_path)
    try:
        finished = _confirmed(home, taken)
    except CoordinatorRefusedError:
        folder.rename(aside / "refused")
        _tidy(folder, aside)
        raise
    _tidy(folder, aside)
    _record(home, "study_taken_over", reader, taken)
    yield finished


def study_in(path: Path) -> str:
    """Return the study that a file may hand over.

    Raises:
        BackupError: if it is no back-up, or is damaged.
        MembershipError: if there is not one study in it.
    """
    names = (file.name.split("/") for file in look_into(path).files)
    found = [
        parts[1] for parts in names if parts[0] == "studies" and parts[2:] == [MEMBERSHIP_FILE]
    ]
    if len(found) != 1:
        raise _no_hand_over(path)
    return found[0]


def take_back(home: Home, study_id: str, reader: str) -> TakenOver:
    """Take part again in a study whose file nobody has taken.

    Raises:
        MembershipError: if this site is not in the study.
        HandedOverError: if somebody has.
        CoordinatorAwayError: if the coordinator, which alone knows that, does not answer.
    """
    marked = membership_of(home, study_id)
    if marked.handed_over_at is None:
        return TakenOver(marked)
    renewing = marked.model_copy(
        update={"next_credential": marked.next_credential or new_credential()}
    )
    save_membership(home, renewing)  # still marked: if this is cut, it can be repeated
    try:
        renewed = finish_rotation(home, renewing)
    except CoordinatorRefusedError as error:
        if error.code != CredentialRefusedError.code:
            raise
        raise HandedOverError(
            f"Another computer has taken the study “{marked.study.name}”. Hand it over there, and "
            "take the file that it writes here; if that computer is lost, ask the study's owner "
            "for a new invitation"
        ) from error
    taken = renewed.model_copy(update={"handed_over_at": None})
    save_membership(home, taken)
    _record(home, "study_taken_back", reader, taken)
    return TakenOver(taken)


def _belongs_to(study_id: str, name: str) -> bool:
    """Return whether a file of a back-up is no other study's; whom this site trusts goes along."""
    folder, _, rest = name.partition("/")
    return folder != "studies" or rest.partition("/")[0] in (study_id, AUTHORITIES_FILE)


def _tidy(folder: Path, aside: Path) -> None:
    """Put what a taking has set aside back, if nothing is in its place, and drop the rest."""
    before = aside / "before"
    if before.exists() and not folder.exists():
        before.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _checked(home: Home, given: Membership, path: Path) -> Membership:
    """Return the membership as it is to be here, if it may come from this file to this project."""
    if given.handed_over_at is None:
        raise _no_hand_over(path)
    for own in memberships(home):
        # With the file's own credential it is a copy from before, as of an ordinary back-up.
        is_copy = own.handed_over_at is not None or own.credential == given.credential
        if own.study_id == given.study_id and not is_copy:
            raise MembershipError(
                f"This project takes part in the study “{own.study.name}” itself; nothing was "
                "changed"
            )
    with LabelStore(home.labels_path) as store:
        classes = {c.class_id for c in store.class_book.classes()}
        domains = {d.domain_id for d in store.domains()}
    chosen = given.contribution
    if not (chosen.classes.keys() <= classes and (chosen.domain_ids or set()) <= domains):
        raise StudyUnsuitableError(
            "The classes or scanners of this project are not those that take part in the study. "
            "The project has to be a copy of the one that the study comes from: restore its "
            "back-up in a new folder"
        )
    return given.model_copy(
        update={
            "handed_over_at": None,
            "next_credential": new_credential(),
        }
    )


def _confirmed(home: Home, taken: Membership) -> TakenOver:
    try:
        return TakenOver(finish_rotation(home, taken))
    except CoordinatorAwayError:
        return TakenOver(taken, is_confirmed=False)
    except CoordinatorRefusedError as error:
        if error.code != CredentialRefusedError.code:
            raise
        raise CoordinatorRefusedError(
            error.code,
            f"This file opens the study “{taken.study.name}” no more: it was taken already, here "
            "or elsewhere, or taken back. Nothing was changed",
        ) from error


def _no_hand_over(path: Path) -> MembershipError:
    return MembershipError(
        f"{path.name} hands over no study; it may be an ordinary back-up. Where the study is "
        "trained now, hand it over: on the page Study, or with siteblind membership hand-over"
    )


def _record(home: Home, kind: str, reader: str, member: Membership) -> None:
    with LabelStore(home.labels_path) as store:
        store.record_act(kind, reader, {"study_id": member.study_id, "site_id": member.site_id})
