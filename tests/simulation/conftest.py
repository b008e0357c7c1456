"""Runs whose numbers are chosen by hand."""

from collections.abc import Sequence

from desktop_client.simulation.results import (
    LeakageResult,
    Prediction,
    RoundResult,
    RunResult,
    SiteResult,
)


def site_predictions(
    site: str, labels: Sequence[int], scores: Sequence[float], patients: Sequence[str] = ()
) -> list[Prediction]:
    """Answers to a site's images, each of its own patient unless said; scores are of class 1."""
    return [
        Prediction(
            site,
            f"{site}/{number}",
            patients[number] if patients else f"p{number}",
            label,
            (1 - score, score),
        )
        for number, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]


def run_result(
    variant: str = "fedavg",
    predictions: Sequence[Prediction] = (),
    seed: int = 0,
    held_out_site: str | None = None,
    linear: float | None = 0.5,
) -> RunResult:
    """A run of two rounds of 10 and 20 seconds and 5 and 7 bytes; leakage in the last."""
    leakage = None
    if linear is not None:
        leakage = LeakageResult(linear, linear + 0.1, 0.25, 0.3, {"north": linear})
    results = (SiteResult("north", False, 4, 0.75, 0.5), SiteResult("south", True, 0, None, None))
    rounds = (
        RoundResult(1, ("north",), results, None, 0.5, 0.4, 0.7, 2, 3, 10.0),
        RoundResult(2, ("north",), results, leakage, 0.5, 0.4, 0.6, 3, 4, 20.0),
    )
    return RunResult(
        variant, "federated", seed, held_out_site, "digest", rounds, tuple(predictions)
    )
