"""A study in full swing, written straight into the tables: what a dashboard has to show.

Curves and times are made up by formula, so that every look at them is the same.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from coordinator.access import audit
from coordinator.method.leakage import Leakage
from coordinator.method.selection import Draw, Pick, draw_of, pick_sites
from coordinator.storage.store import Store
from coordinator.storage.studies import add_study
from coordinator.storage.tables import (
    domains,
    global_parameters,
    picks,
    refusals,
    rounds,
    sites,
    updates,
)
from coordinator.study import Study

NOW: Final = datetime(2026, 11, 22, 12, 41, 7, tzinfo=UTC)
HOSPITALS: Final = (
    "Universitätsklinikum Heidelberg",
    "Hôpital Cochin, Paris",
    "Karolinska, Stockholm",
    "Ospedale San Raffaele, Milano",
    "Amsterdam UMC",
    "Charité, Berlin",
)
REFUSED: Final = (
    "Array 'lesion_classifier.bias' holds 3 values that are not finite; "
    "look at the training log of this site and send the update again"
)
_ROUND: Final = timedelta(minutes=17)
_DOMAIN_IDS: Final = UUID("6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0000").int


def scene_study(name: str, **plan: Any) -> Study:
    """A study of two lesion classes; ``plan`` are keys of ``[rounds]``."""
    return Study.model_validate(
        {
            "name": name,
            "task": "Tell melanoma from nevus on dermoscopic images",
            "owner": "Prof. Dr. Example",
            "classes": [
                {"class_id": UUID("6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001"), "name": "nevus"},
                {"class_id": UUID("6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002"), "name": "melanoma"},
            ],
            "rounds": {"count": 40, "deadline_s": 3600, **plan},
        }
    )


@dataclass
class Scene:
    """Writes a study's history, from its first round up to ``NOW``."""

    store: Store
    names: tuple[str, ...] = HOSPITALS
    round_count: int = 24
    """Rounds averaged."""
    study: Study = field(default_factory=lambda: scene_study("Skin lesions, six hospitals"))
    tried_twice: int = 12
    """A round whose first attempt was abandoned."""
    study_id: str = ""

    def write(self) -> str:
        """Write it all; return the study's id."""
        with self.store.writing() as connection:
            self.study_id = add_study(connection, self.study, self._opened_at(0))
            self._add_sites(connection)
            audit.record(
                connection, self._opened_at(0), audit.OPERATOR, "study_created", self.study_id
            )
            self._publish(connection, 0)
            marked: frozenset[str] = frozenset()
            for number in range(1, self.round_count + 1):
                marked = self._add_round(connection, number, marked)
        return self.study_id

    def site_id(self, number: int) -> str:
        return f"{number:02d}{self.study_id[2:]}"

    def open_round(self) -> None:
        """Leave the next round open: one update in, one waited for, one refused."""
        number, opened_at = self.round_count + 1, NOW - timedelta(minutes=21)
        with self.store.writing() as connection:
            draw = self._draw(number, {self.site_id(site) for site in (3, 4, 5)})
            self._open(connection, draw, 1, "collecting", opened_at)
            self._send(connection, number, 0, opened_at + timedelta(minutes=9))
            self.refuse(connection, number, 2, opened_at + timedelta(minutes=14))
            subject = {"round_number": number, "site_count": 3}
            by = audit.COORDINATOR
            audit.record(connection, opened_at, by, "round_opened", self.study_id, **subject)
            actor, at = audit.by_site(self.site_id(0)), opened_at + timedelta(minutes=9)
            about = {"round_number": number}
            audit.record(connection, at, actor, "update_accepted", self.study_id, **about)
            actor, at = audit.by_site(self.site_id(2)), opened_at + timedelta(minutes=14)
            about_refusal: dict[str, str | int] = {**about, "code": "non_finite_parameters"}
            audit.record(connection, at, actor, "update_refused", self.study_id, **about_refusal)

    def refuse(self, connection: Connection, number: int, site: int, at: datetime) -> None:
        connection.execute(
            insert(refusals).values(
                study_id=self.study_id,
                round_number=number,
                site_id=self.site_id(site),
                code="non_finite_parameters",
                sentence=REFUSED,
                refused_at=at,
            )
        )

    def _add_sites(self, connection: Connection) -> None:
        for number, name in enumerate(self.names):
            is_away, has_left = number == 3, number == 4
            seen_ago = timedelta(hours=5, minutes=12) if is_away else timedelta(seconds=40 * number)
            connection.execute(
                insert(sites).values(
                    site_id=self.site_id(number),
                    study_id=self.study_id,
                    site_name=name,
                    credential_hash=f"{number:064d}",
                    enrolled_at=self._opened_at(0) + timedelta(minutes=number),
                    last_seen_at=NOW - (timedelta(days=3) if has_left else seen_ago),
                    revoked_at=NOW - timedelta(days=2) if has_left else None,
                    program=None if is_away else "SiteBlind/0.1.0",
                )
            )
            connection.execute(
                insert(domains).values(
                    study_id=self.study_id,
                    domain_index=number,
                    site_id=self.site_id(number),
                    domain_id=str(UUID(int=_DOMAIN_IDS + number)),
                )
            )

    def _add_round(
        self, connection: Connection, number: int, marked: frozenset[str]
    ) -> frozenset[str]:
        draw, opened_at, attempt = self._draw(number, marked), self._opened_at(number), 1
        if number == self.tried_twice:
            self._open(connection, draw, 1, "abandoned", opened_at)
            opened_at, attempt = opened_at + timedelta(minutes=2), 2
        pick = self._open(connection, draw, attempt, "averaged", opened_at)
        for order, site_id in enumerate(pick.site_ids):
            if (number, order) != (self.round_count - 2, 0):  # one did not come
                at = opened_at + timedelta(minutes=3, seconds=600 * order / len(pick.site_ids))
                self._send(connection, number, int(site_id[:2]), at)
        self._publish(connection, number)
        return pick.marked

    def _draw(self, number: int, marked: Collection[str]) -> Draw:
        here = [self.site_id(site) for site in range(len(self.names))]
        return draw_of(self.study.rounds, number, here, marked)

    def _open(
        self, connection: Connection, draw: Draw, attempt: int, state: str, opened_at: datetime
    ) -> Pick:
        pick = pick_sites(draw)
        key = {"study_id": self.study_id, "round_number": draw.round_number, "attempt": attempt}
        lasted = {
            "collecting": None,
            "abandoned": timedelta(minutes=1),
            "averaged": _ROUND - timedelta(minutes=1),
        }[state]
        connection.execute(
            insert(rounds).values(
                **key,
                state=state,
                opened_at=opened_at,
                deadline_at=opened_at + timedelta(hours=1),
                closed_at=None if lasted is None else opened_at + lasted,
                draw=draw.model_dump(mode="json"),
                version=0,
            )
        )
        for site_id in pick.site_ids:
            connection.execute(insert(picks).values(**key, site_id=site_id))
        return pick

    def _send(self, connection: Connection, number: int, site: int, at: datetime) -> None:
        metrics: dict[str, float | int | None] = {
            "sample_count": 120 + 31 * site,
            "accuracy": round(lesion_metric(site, number) - 0.02, 4),
            "balanced_accuracy": round(lesion_metric(site, number) - 0.07, 4),
            "auc": round(lesion_metric(site, number), 4),
        }
        connection.execute(
            insert(updates).values(
                study_id=self.study_id,
                round_number=number,
                site_id=self.site_id(site),
                digest=f"{number:032d}{site:032d}",
                sample_count=900 + 371 * site,
                domain_indices=[site],
                metrics_before=metrics,
                received_at=at,
            )
        )

    def _publish(self, connection: Connection, number: int) -> None:
        leakage = Leakage(
            balanced_accuracy=0.44 + 0.41 * math.exp(-number / 7) + 0.02 * math.sin(5 * number),
            floor=0.41,
            chance=1 / 3,
            by_domain={s: 0.6 - 0.06 * s for s in range(len(self.names))},
            is_within_lesion=True,
        )
        connection.execute(
            insert(global_parameters).values(
                study_id=self.study_id,
                round_number=number,
                extractor="small_cnn",
                digest=f"{number:064d}",
                size_bytes=44_700_000,
                published_at=self._opened_at(number) + _ROUND,
                leakage=leakage.model_dump(mode="json") if number else None,
            )
        )

    def _opened_at(self, number: int) -> datetime:
        return NOW - timedelta(minutes=24) - _ROUND * (self.round_count + 1 - number)


def lesion_metric(site: int, number: int) -> float:
    """A learning curve between 0.5 and 1, with a wobble of its own for each site."""
    rise = 0.24 * (1 - math.exp(-number / 6))
    return 0.6 + 0.025 * (site % 5) + rise + 0.012 * math.sin(3 * number + 2 * site)
