"""Making a site ready to take part without a person: settings meet project, then coordinator.

Does what the join wizard and "What takes part" do at the desk, in the same words of the audit
trail. Never loads torch.
"""

import logging
import os
from collections.abc import Generator, Mapping
from typing import Any
from uuid import UUID

from coordinator.invitation import Invitation
from coordinator.study import Study
from desktop_client.errors import ProjectError, SettingsFileError
from desktop_client.federation.consent import (
    Consent,
    ask_what_for,
    change_contribution,
    join_with_consent,
)
from desktop_client.federation.events import CoordinatorAway
from desktop_client.federation.membership import Contribution, Membership, memberships
from desktop_client.federation.network import forget_authorities, keep_authorities, trust_of
from desktop_client.federation.site_settings import SiteSettings
from desktop_client.federation.waiting import patiently
from desktop_client.labelling.store import LabelStore
from desktop_client.paths import Home
from desktop_client.training.events import StillWorking

logger = logging.getLogger(__name__)

Waiting = Generator[CoordinatorAway | StillWorking, None, Membership]


def use_network(home: Home, settings: SiteSettings) -> None:
    """Go out by the proxy and trust the authorities that the settings name, and no others.

    Others are those that were taken out of the settings, or that the project has come with.

    Raises:
        NetworkFileError: if there is no authority in the file, or the project's folder refuses.
    """
    if settings.network.proxy:
        os.environ["https_proxy"] = settings.network.proxy
    if settings.network.authorities is not None:
        keep_authorities(home, settings.network.authorities)
    elif trust_of(home).authorities_path is not None:
        forget_authorities(home)
        logger.warning(
            "The settings name no certificate authorities; those of the project are trusted no "
            "more. If the coordinator's certificate is refused now, name their file as "
            "“authorities” under [network]"
        )


def made_member(home: Home, settings: SiteSettings) -> Waiting:
    """Return this site's membership; join first if it is in no such study yet.

    What the settings choose to take part is checked against the project and the study before
    anything is sent, and recorded if it is another choice than before.

    Raises:
        SettingsFileError: with a sentence for each class or scanner that there is not, or if it is
            not clear which study is meant.
        ProjectError: if there is no project.
        FederationError: as for ``join_with_consent``.
    """
    if not home.is_project:
        raise ProjectError(
            f"There is no project in {home.path}. Bring one here: back it up at the desk, then "
            "siteblind project restore"
        )
    chosen = _Chosen(home, settings)
    member = _found(home, settings)
    if member is None:
        invitation = settings.invited()
        assert invitation is not None  # noqa: S101  else one was found, or refused
        return (yield from patiently(lambda: _join(home, settings, invitation, chosen)))
    if settings.extractor not in (None, member.own_extractor):
        raise SettingsFileError(
            None,
            [
                f"extractor: this site has joined with {member.own_extractor}. Leave the study and "
                "join it with a new invitation to change it"
            ],
        )
    wanted = chosen.contribution(member.study, member.contribution)
    if wanted == member.contribution:
        return member
    return change_contribution(home, member.study_id, wanted, settings.consent or "")


class _Chosen:
    """What the settings choose of a project to take part, by name.

    Raises:
        SettingsFileError: naming each class and scanner that the project has not.
    """

    def __init__(self, home: Home, settings: SiteSettings) -> None:
        self._settings = settings
        with LabelStore(home.labels_path) as store:
            self._classes = {c.name.casefold(): c.class_id for c in store.classes()}
            self._domains = {d.name.casefold(): d.domain_id for d in store.domains()}
        mistakes = [
            *_unknown("classes", "class", settings.classes or (), self._classes),
            *_unknown("scanners", "scanner", settings.scanners or (), self._domains),
        ]
        if mistakes:
            raise SettingsFileError(None, mistakes)

    def contribution(self, study: Study, before: Contribution) -> Contribution:
        """Return what takes part in a study.

        Args:
            study: The study.
            before: What takes part where the settings choose nothing.

        Raises:
            SettingsFileError: naming each class that the study has not.
        """
        classes, scanners = before.classes, before.domain_ids
        if self._settings.classes is not None:
            of_study = {c.name.casefold(): c.class_id for c in study.classes}
            meant = self._settings.classes
            mistakes = [
                *_unknown("classes", "class of the study", filter(None, meant.values()), of_study)
            ]
            if mistakes:
                raise SettingsFileError(None, mistakes)
            classes = {
                self._classes[own.casefold()]: of_study[theirs.casefold()] if theirs else None
                for own, theirs in meant.items()
            }
        if self._settings.scanners is not None:
            scanners = frozenset(self._domains[n.casefold()] for n in self._settings.scanners)
        return Contribution(classes=classes, domain_ids=scanners)


def _unknown(key: str, what: str, names: Any, known: Mapping[str, UUID]) -> list[str]:  # noqa: ANN401  any iterable of names
    there = ", ".join(known) or "none"
    return [
        f"{key}: there is no {what} “{name}”; there are: {there}"
        for name in names
        if name.casefold() not in known
    ]


def _found(home: Home, settings: SiteSettings) -> Membership | None:
    """Return the membership that is meant; None if the invitation is to be used first."""
    joined, invitation = memberships(home), settings.invited()
    if settings.study is not None:
        joined = [m for m in joined if m.study_id == settings.study]
    elif invitation is not None:
        joined = [m for m in joined if m.study_id == invitation.study_id]
    if len(joined) == 1:
        return joined[0]
    if joined:
        names = "; ".join(f"{m.study_id} “{m.study.name}”" for m in joined)
        raise SettingsFileError(None, [f"study: the project is in several; name one of {names}"])
    if invitation is None or settings.study not in (None, invitation.study_id):
        raise SettingsFileError(
            None,
            ["invitation: the project is in no such study yet; name the study owner's invitation"],
        )
    return None


def _join(
    home: Home, settings: SiteSettings, invitation: Invitation, chosen: _Chosen
) -> Membership:
    accepts_other = settings.network.accept_other_certificate
    reply = ask_what_for(home, invitation, is_other_certificate_accepted=accepts_other)
    consent = Consent(
        settings.consent or "",
        settings.site_name or "",
        reply.study_digest,
        chosen.contribution(reply.study, Contribution()),
        accepts_other,
        settings.extractor,
    )
    return join_with_consent(home, invitation, consent)
