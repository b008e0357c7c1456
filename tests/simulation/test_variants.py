"""Variants of a study: presets, controls, and single keys changed."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.errors import StudyInvalidError
from coordinator.study import read_study
from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.variants import Variant, read_variants
from tests.scenes import write_study


def variant(tmp_path: Path, text: str, **changes: Any) -> Variant:
    [made] = read_variants(write_study(tmp_path / "study.toml", **changes), [text])
    return made


def test_under_its_own_presets_name_the_study_is_run_as_it_is_written(tmp_path: Path) -> None:
    own = variant(tmp_path, "siteblind", method={"adversarial_weight": 0.3})
    assert own.study == read_study(tmp_path / "study.toml")
    assert own.study.method.adversarial_weight == 0.3
    assert own.arrangement == "federated"


def test_another_preset_keeps_the_training_budget_and_nothing_of_the_method(
    tmp_path: Path,
) -> None:
    """Else a study that writes ``second = "all"`` would be compared with itself."""
    fedavg = variant(
        tmp_path,
        "fedavg",
        method={"second": "all", "restyle": "channel_statistics", "learning_rate": 0.01},
        model={"domain_classifier": "one", "feature_dim": 16},
    ).study
    assert (fedavg.method.first, fedavg.method.second) == ("all", "off")
    assert fedavg.method.restyle == "none"
    assert fedavg.model.domain_classifier == "per_lesion"  # the default
    assert fedavg.model.feature_dim == 16
    assert fedavg.method.learning_rate == 0.01
    assert fedavg.method.local_steps == 4  # of write_study


def test_fedbn_brings_its_local_normalisation(tmp_path: Path) -> None:
    assert variant(tmp_path, "fedbn").study.model.normalisation == "local"


@pytest.mark.parametrize(("name", "arrangement"), [("local_only", "local"), ("pooled", "pooled")])
def test_controls_train_plainly_in_another_arrangement(
    tmp_path: Path, name: str, arrangement: str
) -> None:
    control = variant(tmp_path, name)
    assert control.arrangement == arrangement
    assert control.study.method.preset == "fedavg"


def test_single_keys_are_changed_under_a_name_of_ones_own(tmp_path: Path) -> None:
    changed = variant(
        tmp_path,
        "mild: method.adversarial_weight = 0.05 ,method.restyle=channel_statistics,"
        'rounds.count=3,input.mean=[0.1, 0.2,0.3],method.target="reversed"',
    )
    assert changed.name == "mild"
    assert changed.study.method.adversarial_weight == 0.05
    assert changed.study.method.restyle == "channel_statistics"
    assert changed.study.method.target == "reversed"
    assert changed.study.rounds.count == 3
    assert changed.study.input.mean == (0.1, 0.2, 0.3)
    assert changed.study.method.local_steps == 4


def test_a_changed_preset_is_a_control_too_and_keys_beside_it_go_first(tmp_path: Path) -> None:
    method = {"second": "all", "restyle": "none"}
    changed = variant(tmp_path, "x:method.margin=0.5,method.preset=adversary_off", method=method)
    assert changed.study.method.second == "off"
    assert changed.study.method.restyle == "channel_statistics"  # but for the adversary the same
    assert changed.study.method.margin == 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "fedsgd",
            "no variant 'fedsgd'. Choose of siteblind, .*, local_only, pooled, apart, or write",
        ),
        ("x:", "no variant 'x:'"),
        (":rounds.count=3", "no variant ':rounds"),
        ("x:count=3", "Variant x: 'count=3' is not section.key=value"),
        ("x:name.count=3", "Variant x: 'name.count=3' is not section.key=value"),
        ("x:rounds.count=0", "Variant x: rounds.count: .*greater than or equal to 1"),
        ("x:rounds.counts=1", "Variant x: rounds.counts: "),
    ],
)
def test_what_cannot_be_made_is_refused_by_name_and_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(SimulationPlanError, match=told):
        variant(tmp_path, text)


def test_two_variants_of_one_name_are_refused(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study.toml")
    with pytest.raises(SimulationPlanError, match="Two variants are called 'x'"):
        read_variants(study, ["x:rounds.count=3", "x:rounds.count=4"])


def test_a_study_that_is_not_valid_is_refused_as_everywhere(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study.toml", rounds={"count": 0})
    with pytest.raises(StudyInvalidError, match=r"rounds\.count"):
        read_variants(study, ["fedavg"])
