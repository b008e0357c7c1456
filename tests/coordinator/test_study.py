import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from coordinator.errors import StudyInvalidError
from coordinator.study import (
    ACTIVATION_CHANNELS,
    METHOD_VERSION,
    MODEL_PRESETS,
    PRESETS,
    InputContract,
    Method,
    ModelDesign,
    RoundPlan,
    Section,
    Study,
    read_study,
)
from tests.coordinator.conftest import tiny_study

TEMPLATES = Path(__file__).parents[2] / "resources" / "study-templates"

HEAD = """
name = "Moles"
task = "Tell nevus from melanoma"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001"
name = "nevus"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002"
name = "melanoma"
"""


def read(tmp_path: Path, text: str) -> Study:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return read_study(path)


def test_shortest_study_has_sensible_rest(tmp_path: Path) -> None:
    study = read(tmp_path, HEAD)
    assert [c.name for c in study.classes] == ["nevus", "melanoma"]
    assert (study.input.size_px, study.model.extractor, study.method.preset) == (
        64,
        "small_cnn",
        "siteblind",
    )
    assert (study.rounds.start_quorum, study.rounds.accept_first_proposal) == (2, False)


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("[rounds]\nfraction = 0.6", "rounds.fraction", "less than or equal to 0.5"),
        ("[rounds]\nfraction = nan", "rounds.fraction", ""),
        ("[rounds]\nsites_per_round = -1", "rounds.sites_per_round", "greater than or equal to 0"),
        ("[rounds]\naverage = 'mode'", "rounds.average", "'mean', 'trimmed_mean' or 'median'"),
        ("[rounds]\ntrimmed_share = 0.5", "rounds.trimmed_share", "less than 0.5"),
        ("[rounds]\ncount = 0", "rounds.count", "greater than or equal to 1"),
        ("[rounds]\ncount = 1.5", "rounds.count", "integer"),
        ("[rounds]\nstart_quorum = 1", "rounds.start_quorum", "greater than or equal to 2"),
        ("[rounds]\npoll_s = 400", "rounds", "seen_within_s must be at least twice poll_s"),
        ("[rounds]\nrounds = 3", "rounds.rounds", "there is no such key"),
        ("[model]\nfeature_dim = 129", "model.feature_dim", "less than or equal to 128"),
        (
            "[model]\nextractor = 'vgg'",
            "model.extractor",
            "'efficientnet_b0' or 'convnext_tiny'",
        ),
        (
            "[model]\nextractor = 'efficientnet_lite0'\n[method]\naugmentation = 'flips'",
            "the study as a whole",
            "images cannot be varied",
        ),
        (
            "[model]\nextractor = 'convnext_tiny'\n[input]\nsize_px = 31",
            "the study as a whole",
            "convnext_tiny needs size_px = 32 or more",
        ),
        (
            "[model]\nextractor = 'small_cnn'\nweights = 'file'",
            "model",
            "small_cnn begins from no weights file",
        ),
        ("[input]\nchannels = 2", "input.channels", "1 or 3"),
        ("[input]\nmean = [0.5]", "input", "mean needs one number per channel, that is 3"),
        (
            "[input]\nstandard_deviation = [1, 1, 0]",
            "input.standard_deviation.2",
            "greater than 0",
        ),
        (
            "[method]\npreset = 'best'",
            "method.preset",
            "'siteblind', 'literal', 'adversary_off', 'fedavg', 'fedprox' or 'fedbn'",
        ),
        (
            "[method]\nadversarial_scale = 'gradient'\nloops = 'separate'",
            "method",
            "loops = shared",
        ),
        (
            "[method]\nrestyle = 'activation_statistics'",
            "the study as a whole",
            "needs an extractor with frozen stages: efficientnet_lite0",
        ),
        (
            "[input]\nchannels = 1\nmean = [0]\nstandard_deviation = [1]\n"
            "[model]\nextractor = 'efficientnet_lite0'",
            "the study as a whole",
            "efficientnet_lite0 begins from colour images: channels = 3",
        ),
        ("[method]\nmomentum = 1", "method.momentum", "less than 1"),
        ("[method]\ngradient_clip = inf", "method.gradient_clip", "finite"),
        ("[input]\nmean = [nan, 0, 0]", "input.mean.0", "finite"),
        ("[rounds]\ndeadline_s = 1e-9", "rounds.deadline_s", "greater than or equal to 1"),
        ("[extra]\nkey = 1", "extra", "there is no such key"),
    ],
)
def test_bad_value_names_file_key_and_reason(
    tmp_path: Path, text: str, key: str, reason: str
) -> None:
    with pytest.raises(StudyInvalidError) as caught:
        read(tmp_path, f"{HEAD}{text}\n")
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'study.toml'}: {key}: ")
    assert reason in sentence


@pytest.mark.parametrize(
    ("replaced", "by", "key", "reason"),
    [
        ('name = "Moles"', "", "name", "required"),
        ('name = "Moles"', 'name = ""', "name", "at least 1 character"),
        ("d9f0002", "d9f000", "classes.1.class_id", "UUID"),
        ("d9f0002", "d9f0001", "the study as a whole", "same class_id"),
        ('name = "melanoma"', 'name = "Nevus"', "the study as a whole", "same name"),
        (
            'name = "melanoma"',
            'name = "melanoma"\nsize = 1',
            "classes.1.size",
            "there is no such key",
        ),
    ],
)
def test_bad_head_names_key_and_reason(
    tmp_path: Path, replaced: str, by: str, key: str, reason: str
) -> None:
    assert replaced in HEAD
    with pytest.raises(StudyInvalidError) as caught:
        read(tmp_path, HEAD.replace(replaced, by))
    assert f": {key}: " in str(caught.value)
    assert reason in str(caught.value)


def test_study_of_one_class_is_refused() -> None:
    one = tiny_study().model_dump()["classes"][:1]
    with pytest.raises(ValueError, match="classes"):
        Study.model_validate({"name": "n", "task": "t", "classes": one})


def test_file_that_is_missing_or_no_toml_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudyInvalidError, match="cannot be read: No such file"):
        read_study(tmp_path / "study.toml")
    with pytest.raises(StudyInvalidError, match="not valid TOML"):
        read(tmp_path, "name = ")
    (tmp_path / "study.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(StudyInvalidError, match="not valid TOML"):
        read_study(tmp_path / "study.toml")


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_preset_fills_in_what_is_not_written(preset: str) -> None:
    method = tiny_study({"preset": preset}).method
    for key, value in PRESETS[preset].items():
        assert getattr(method, key) == value


def test_key_beside_a_preset_goes_first() -> None:
    method = tiny_study({"preset": "literal", "repeat": 2}).method
    assert (method.repeat, method.first, method.target) == (2, "literal", "reversed")


def test_preset_may_fix_something_about_the_model_where_nothing_else_is_written() -> None:
    assert tiny_study({"preset": "fedbn"}).model.normalisation == "local"
    written = tiny_study({"preset": "fedbn"}, {"normalisation": "own"})
    assert written.model.normalisation == "own"
    assert tiny_study({"preset": "fedavg"}).model.normalisation == "own"


@pytest.mark.parametrize(
    ("restyle", "extractor", "channel_count"),
    [
        ("none", "efficientnet_lite0", 0),
        ("channel_statistics", "efficientnet_lite0", 3),
        (
            "activation_statistics",
            "efficientnet_lite0",
            ACTIVATION_CHANNELS["efficientnet_lite0"],
        ),
    ],
)
def test_styles_are_of_the_images_or_of_the_activations_or_there_are_none(
    restyle: str, extractor: str, channel_count: int
) -> None:
    study = tiny_study({"restyle": restyle}, {"extractor": extractor})
    assert study.style_channel_count == channel_count


def test_domain_has_moments_of_its_own_or_of_each_lesion_class() -> None:
    assert tiny_study(model={"domain_classifier": "one"}).moments_per_domain == 1
    assert tiny_study(model={"domain_classifier": "per_lesion"}).moments_per_domain == 2


def test_preset_without_adversary_shares_no_statistics() -> None:
    study = tiny_study({"preset": "fedavg"})
    assert (study.method.second, study.method.domains) == ("off", "local")
    assert study.style_channel_count == 0


@given(
    preset=st.sampled_from(sorted(PRESETS)),
    # Each of them is what some preset says, so that it may be the default, the preset, or neither.
    restyle=st.none() | st.sampled_from(["none", "channel_statistics"]),
    second=st.none() | st.sampled_from(["literal", "all", "off"]),
    normalisation=st.none() | st.sampled_from(["own", "local"]),
    fraction=st.floats(0.1, 0.5),
)
def test_study_and_digest_survive_the_way_through_json(
    preset: str,
    restyle: str | None,
    second: str | None,
    normalisation: str | None,
    fraction: float,
) -> None:
    method = {"preset": preset, "restyle": restyle, "second": second}
    written = {
        **{key: tiny_study().model_dump()[key] for key in ("name", "task", "classes")},
        "method": {key: value for key, value in method.items() if value is not None},
        "model": {} if normalisation is None else {"normalisation": normalisation},
        "rounds": {"fraction": fraction},
    }
    study = Study.model_validate(written)
    for again in (
        Study.model_validate_json(study.model_dump_json()),
        Study.model_validate(study.model_dump()),
    ):
        assert again == study
        assert again.digest == study.digest


def test_digest_changes_with_any_word() -> None:
    assert tiny_study(count=3).digest != tiny_study(count=4).digest
    assert tiny_study().digest != tiny_study({"margin": 0.8}).digest


def test_study_is_written_without_what_the_defaults_and_its_preset_say(tmp_path: Path) -> None:
    text = "[method]\npreset = 'fedbn'\nfirst = 'margin'\n[rounds]\ncount = 20\nseed = 3\n"
    study = read(tmp_path, HEAD + text)
    assert study.model_dump(mode="json") == {
        "name": "Moles",
        "task": "Tell nevus from melanoma",
        "classes": [
            {"class_id": "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001", "name": "nevus"},
            {"class_id": "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002", "name": "melanoma"},
        ],
        # The preset's own "first" is "all", so that what is the default elsewhere must be said.
        "method": {"preset": "fedbn", "first": "margin"},
        "rounds": {"seed": 3},
    }


def test_digest_is_that_of_what_is_written_and_of_the_method_that_it_is_written_for(
    tmp_path: Path,
) -> None:
    classes = (
        '[{"class_id":"6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001","name":"nevus"},'
        '{"class_id":"6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002","name":"melanoma"}]'
    )
    words = (
        f'{{"method_version":{METHOD_VERSION},"study":{{"classes":{classes},"name":"Moles",'
        '"rounds":{"seed":3},"task":"Tell nevus from melanoma"}}'
    )
    study = read(tmp_path, HEAD + "[method]\nmargin = 0.98\n[rounds]\nseed = 3\n")
    assert study.digest == hashlib.sha256(words.encode()).hexdigest()


DEFAULTS: dict[type[Section], dict[str, Any]] = {
    InputContract: {
        "size_px": 64,
        "channels": 3,
        "intensity": "full_range",
        "mean": (0.5, 0.5, 0.5),
        "standard_deviation": (0.25, 0.25, 0.25),
    },
    ModelDesign: {
        "extractor": "small_cnn",
        "further_extractors": (),
        "normalisation": "own",
        "weights": "own",
        "feature_dim": 64,
        "domain_capacity": 64,
        "domains_per_site": 0,
        "domain_classifier": "per_lesion",
    },
    Method: {
        "preset": "siteblind",
        "sampling": "natural",
        "augmentation": "none",
        "restyle": "channel_statistics",
        "restyle_probability": 0.5,
        "restyle_reference": "site",
        "restyle_strength": 1.0,
        "first": "margin",
        "margin": 0.98,
        "second": "literal",
        "target": "uniform",
        "domains": "moments",
        "loops": "shared",
        "repeat": 1,
        "adversarial_weight": 1.0,
        "adversarial_scale": "constant",
        "proximal_weight": 0.0,
        "local_steps": 12,
        "batch_size": 32,
        "learning_rate": 0.02,
        "sharpness_radius": 0.0,
        "momentum": 0.9,
        "weight_decay": 1e-4,
        "gradient_clip": 1.0,
    },
    RoundPlan: {
        "count": 20,
        "fraction": 0.5,
        "sites_per_round": 0,
        "start_quorum": 2,
        "finish_quorum": 1,
        "deadline_s": 3600.0,
        "seen_within_s": 600.0,
        "poll_s": 10.0,
        "average": "mean",
        "trimmed_share": 0.1,
        "largest_sample_count": 100_000,
        "largest_share": 1.0,
        "averaged_rounds": 5,
        "seed": 0,
        "sites_told": "count",
        "accept_first_proposal": False,
    },
}
PLAIN = {"restyle": "none", "first": "all", "second": "off", "domains": "local"}
LITERAL = {
    "restyle": "none",
    "first": "literal",
    "second": "literal",
    "target": "reversed",
    "domains": "local",
    "loops": "separate",
    "repeat": 5,
}
NEW_MEANING = (
    "A study that says nothing about this would mean something else now, under the same digest: "
    "METHOD_VERSION must rise. A new key whose default means what was done before is only added"
)


@pytest.mark.parametrize("section", DEFAULTS, ids=lambda section: section.__name__)
def test_default_does_not_change_within_a_method_version(section: type[Section]) -> None:
    assert METHOD_VERSION == 1, "write the new version's defaults and presets down here"
    assert section().model_dump() == DEFAULTS[section], NEW_MEANING


def test_preset_does_not_change_within_a_method_version() -> None:
    assert METHOD_VERSION == 1, "write the new version's defaults and presets down here"
    presets = {
        "siteblind": {},
        "literal": LITERAL,
        "adversary_off": {"second": "off", "domains": "local"},
        "fedavg": PLAIN,
        "fedprox": {**PLAIN, "proximal_weight": 0.01},
        "fedbn": PLAIN,
    }
    models = {"literal": {"domain_classifier": "one"}, "fedbn": {"normalisation": "local"}}
    assert presets == PRESETS, NEW_MEANING
    assert models == MODEL_PRESETS, NEW_MEANING


def keys_of(values: dict[str, Any], prefix: str = "") -> set[str]:
    keys = set()
    for key, value in values.items():
        if isinstance(value, dict):
            keys |= keys_of(value, f"{prefix}{key}.")
        else:
            keys.add(prefix + key)
    return keys


def test_template_shows_every_key_with_its_default() -> None:
    path = TEMPLATES / "study.toml"
    study = read_study(path)
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    every = {name: p.model_dump() if isinstance(p, Section) else p for name, p in study}
    assert keys_of(written) == keys_of(every)
    shortest = {key: written[key] for key in ("name", "task", "classes")}
    assert study == Study.model_validate(shortest)


def test_template_explains_every_key_it_shows() -> None:
    lines = (TEMPLATES / "study.toml").read_text(encoding="utf-8").splitlines()
    explained = set()
    for number, line in enumerate(lines):
        if match := re.match(r"(\w+) = ", line):
            paragraph = "\n".join(lines[:number]).rpartition("\n\n")[2]
            if "#" in line + paragraph:
                explained.add(match[1])
            assert match[1] in explained, line


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.toml")), ids=lambda path: path.name)
def test_every_template_is_a_study(path: Path) -> None:
    assert read_study(path).name


@pytest.mark.parametrize(
    ("capacity", "said", "limit"),
    [(64, 0, 16), (65, 0, 17), (8, 0, 2), (4, 0, 2), (3, 0, 2), (2, 0, 1), (64, 40, 40), (8, 9, 7)],
)
def test_one_site_may_have_a_quarter_of_the_domains_and_never_all(
    capacity: int, said: int, limit: int
) -> None:
    model = ModelDesign(domain_capacity=capacity, domains_per_site=said)
    assert model.site_domain_limit == limit


def test_a_study_may_leave_sites_a_choice_of_extractors() -> None:
    study = tiny_study(model={"further_extractors": ["resnet18"]})
    assert study.model.extractors == ("small_cnn", "resnet18")
    chosen = study.model.with_extractor("resnet18")
    assert (chosen.extractor, chosen.further_extractors) == ("resnet18", ())
    assert study.digest != tiny_study().digest
    assert tiny_study(model={"further_extractors": []}).digest == tiny_study().digest


def test_of_several_extractors_those_begin_from_a_weights_file_that_can() -> None:
    model = {"extractor": "resnet18", "further_extractors": ["small_cnn"], "weights": "file"}
    design = tiny_study(model=model).model
    assert design.with_extractor("resnet18").weights == "file"
    assert design.with_extractor("small_cnn").weights == "own"


@pytest.mark.parametrize(
    ("model", "method", "sentence"),
    [
        ({"further_extractors": ["small_cnn"]}, {}, "names an extractor that the study has"),
        (
            {"extractor": "efficientnet_lite0", "further_extractors": ["small_cnn"]},
            {"restyle": "activation_statistics"},
            "activations of one extractor mean nothing to another",
        ),
        (
            {"further_extractors": ["efficientnet_lite0"]},
            {"augmentation": "flips"},
            "efficientnet_lite0 keeps what its frozen stages make",
        ),
        (
            {"further_extractors": ["convnext_tiny"], "normalisation": "local"},
            {},
            "convnext_tiny has layer norm",
        ),
        (
            {"further_extractors": ["efficientnet_lite0"], "weights": "file"},
            {},
            "begins from no weights file",
        ),
    ],
)
def test_extractors_that_do_not_go_together_are_refused(
    model: dict[str, Any], method: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        tiny_study(method=method, model=model)
