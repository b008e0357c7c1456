"""Which variants of a study to compare: presets and controls by name, or single keys changed."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ValidationError

from coordinator.study import Method, PresetName, Study, read_study
from desktop_client.errors import SimulationPlanError
from desktop_client.simulation.results import Arrangement

PRESET_NAMES: Final = get_args(PresetName)
DEFAULT_PRESET: Final = Method.model_fields["preset"].default
CONTROLS: Final[dict[str, Arrangement]] = {"local_only": "local", "pooled": "pooled"}
"""Plain supervised training in another arrangement; sites or their averages have no part in it."""
PLAIN_PRESET: Final = "fedavg"
APART: Final = "apart"
"""The study as it is written, but sites average only with those that have their own extractor."""

BUDGET_KEYS: Final = frozenset(
    {
        "local_steps",
        "batch_size",
        "learning_rate",
        "momentum",
        "weight_decay",
        "gradient_clip",
    }
)
"""Keys of ``[method]`` that say how much and how fast is trained, not by what method. All variants
keep the study's, so that they are compared at the same price."""
CHOSEN_MODEL_KEYS: Final = frozenset({"normalisation", "domain_classifier"})
"""Keys of ``[model]`` that belong to a method."""

_KEY_BEGINS: Final = re.compile(r",(?=\s*[A-Za-z_.]+\s*=)")
"""A comma that ends a change, and not one within a list."""


@dataclass(frozen=True)
class Variant:
    """A study to run, in an arrangement, under a name."""

    name: str
    study: Study
    arrangement: Arrangement = "federated"


def read_variants(study_path: Path, texts: Iterable[str]) -> tuple[Variant, ...]:
    """Make the variants of a study.toml that are asked for.

    Args:
        study_path: The study. Under its own preset's name it is run as it is written; another
            preset keeps its training budget only, so that a control is one.
        texts: Each a preset, a control, ``apart``, or ``name:section.key=value,...`` with values
            as in TOML, the quotes of a text left out if one likes.

    Raises:
        StudyInvalidError: if the study itself is not valid.
        SimulationPlanError: naming the variant that cannot be made of it, and why.
    """
    read_study(study_path)
    values = tomllib.loads(study_path.read_text(encoding="utf-8"))
    variants = tuple(_variant(values, text) for text in texts)
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise SimulationPlanError(f"Two variants are called {name!r}; name each differently")
    return variants


def _variant(values: dict[str, Any], text: str) -> Variant:
    name, has_changes, changes = text.partition(":")
    if has_changes and name and changes:
        return Variant(name, _study(name, _changed(name, values, changes)))
    if name in CONTROLS and not has_changes:
        return Variant(name, _study(name, _with_preset(values, PLAIN_PRESET)), CONTROLS[name])
    if name == APART and not has_changes:
        return Variant(name, _study(name, values), "apart")
    if name in PRESET_NAMES and not has_changes:
        return Variant(name, _study(name, _with_preset(values, name)))
    known = ", ".join((*PRESET_NAMES, *CONTROLS, APART))
    raise SimulationPlanError(
        f"There is no variant {text!r}. Choose of {known}, or write name:section.key=value"
    )


def _with_preset(values: dict[str, Any], preset: str) -> dict[str, Any]:
    method, model = values.get("method", {}), values.get("model", {})
    if preset == method.get("preset", DEFAULT_PRESET):
        return values
    budget = {key: value for key, value in method.items() if key in BUDGET_KEYS}
    design = {key: value for key, value in model.items() if key not in CHOSEN_MODEL_KEYS}
    return {**values, "method": {"preset": preset, **budget}, "model": design}


def _changed(name: str, values: dict[str, Any], changes: str) -> dict[str, Any]:
    """Apply ``section.key=value,...``; a change of preset first, as the others go before it."""
    told: dict[tuple[str, str], Any] = {}
    for change in _KEY_BEGINS.split(changes):
        path, is_assigned, value = change.partition("=")
        section, _, key = path.strip().partition(".")
        if not (is_assigned and key) or not isinstance(values.get(section, {}), dict):
            raise SimulationPlanError(f"Variant {name}: {change!r} is not section.key=value")
        told[section, key] = _value(value.strip())
    if preset := told.pop(("method", "preset"), None):
        values = _with_preset(values, str(preset))
    for (section, key), value in told.items():
        values = {**values, section: {**values.get(section, {}), key: value}}
    return values


def _value(text: str) -> Any:  # noqa: ANN401  whatever TOML can say; the study checks it
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _study(name: str, values: dict[str, Any]) -> Study:
    try:
        return Study.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the study as a whole"
        reason = first["msg"].removeprefix("Value error, ")
        raise SimulationPlanError(f"Variant {name}: {key}: {reason}") from error
