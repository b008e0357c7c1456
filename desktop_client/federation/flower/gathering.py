"""Who takes part in a study on Flower: every node says, before it is sent anything."""

import time
from collections.abc import Iterator
from typing import Final

from flwr.app import Message, MessageType
from flwr.serverapp import Grid

from coordinator.errors import CoordinatorError
from coordinator.protocol import Message as Words
from coordinator.study import Study
from desktop_client.errors import FlowerError
from desktop_client.federation.flower.records import Introduction, content_of, said_in

LOOK_S: Final = 0.5
"""Between two looks at which nodes are there."""


class Question(Words):
    """Asks a node who it is."""


def introductions(
    grid: Grid, study: Study, site_count: int, patience_s: float
) -> dict[int, Introduction]:
    """Wait for sites, and return what each has said, by its node.

    Args:
        grid: Of Flower.
        study: That all must have agreed to.
        site_count: How many to wait for.
        patience_s: How long.

    Raises:
        FlowerError: if too few come, or what one says does not fit.
    """
    found: dict[int, Introduction] = {}
    deadline = time.monotonic() + patience_s
    while len(found) < site_count:
        found |= dict(_asked(grid, set(grid.get_node_ids()) - found.keys()))
        if time.monotonic() > deadline:
            raise FlowerError(
                f"{len(found)} of {site_count} sites have come within {patience_s:.0f} seconds; "
                "start the others, or ask for fewer"
            )
        time.sleep(0 if len(found) == site_count else LOOK_S)
    _check(found, study)
    return found


def _asked(grid: Grid, node_ids: set[int]) -> Iterator[tuple[int, Introduction]]:
    questions = [Message(content_of(Question()), node, MessageType.QUERY) for node in node_ids]
    for reply in grid.send_and_receive(questions) if questions else ():
        if reply.has_error():
            raise FlowerError(f"A site cannot take part: {reply.error.reason}")
        try:
            yield reply.metadata.src_node_id, said_in(reply, Introduction)
        except CoordinatorError as error:
            raise FlowerError(f"A site runs another program: {error}") from error


def _check(found: dict[int, Introduction], study: Study) -> None:
    names = [said.site_name for said in found.values()]
    for said in found.values():
        if names.count(said.site_name) > 1:
            raise FlowerError(f"Two sites are called {said.site_name!r}; name each differently")
        if said.study_digest != study.digest:
            raise FlowerError(
                f"{said.site_name} has agreed to another study.toml; give all the same"
            )
        if said.extractor not in study.model.extractors:
            raise FlowerError(f"{said.site_name} has an extractor that the study does not have")
