"""What a study is: task, classes, input contract, model, method and rounds, read from study.toml.

Pure and shared: the coordinator runs the study by it, and each site reads from it what to train.
"""

import hashlib
import json
import math
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from coordinator.errors import StudyInvalidError

METHOD_VERSION: Final = 1
"""Changes when the same study.toml begins to mean something else: with the training step, with
any default below and with any preset. A study is kept and named without what it leaves to them."""

_PLAIN: Final = {"restyle": "none", "first": "all", "second": "off", "domains": "local"}
"""Supervised training, without any part of the method."""

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "siteblind": {},
    "literal": {
        "restyle": "none",
        "first": "literal",
        "second": "literal",
        "target": "reversed",
        "domains": "local",
        "loops": "separate",
        "repeat": 5,
    },
    "adversary_off": {"second": "off", "domains": "local"},
    "fedavg": _PLAIN,
    "fedprox": {**_PLAIN, "proximal_weight": 0.01},
    "fedbn": _PLAIN,
}
"""Named settings of the method; a key written beside ``preset`` in study.toml goes first."""

MODEL_PRESETS: Final[dict[str, dict[str, Any]]] = {
    "literal": {"domain_classifier": "one"},
    "fedbn": {"normalisation": "local"},
}
"""What some presets of the method fix about the model; a key in study.toml goes first here too."""

ACTIVATION_CHANNELS: Final[dict[str, int]] = {"efficientnet_lite0": 112}
"""Channels that the frozen stages hand over, of the extractors that have frozen stages."""

WITHOUT_WEIGHTS_FILE: Final = ("small_cnn", "efficientnet_lite0")
"""Extractors that no file is published for, or whose weights come with the program."""
SMALLEST_PX: Final[dict[str, int]] = {"convnext_tiny": 32}
"""Of extractors that make less than one place of a smaller image."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
ExtractorName = Literal[
    "small_cnn",
    "resnet18",
    "resnet34",
    "resnet50",
    "mobilenet_v3_large",
    "efficientnet_lite0",
    "efficientnet_b0",
    "convnext_tiny",
]
Encoding = Literal["float32", "float16", "int8", "int4"]
Augmentation = Literal["none", "flips", "mild"]
PresetName = Literal["siteblind", "literal", "adversary_off", "fedavg", "fedprox", "fedbn"]
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A part of study.toml: no unknown keys, finite numbers, nothing changes after reading."""

    # NaN and infinity are TOML but not JSON, in which the study is kept and sent.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LesionClass(Section):
    """One answer of the lesion classifier; the UUID stays when the name is corrected."""

    class_id: UUID
    name: Name


class InputContract(Section):
    """What every site makes of an image before the feature extractor sees it."""

    size_px: int = Field(default=64, ge=16, le=1024)
    channels: Literal[1, 3] = 3
    intensity: Literal["full_range", "shades_of_grey"] = "full_range"
    """``full_range``: 0 to the largest value the image's bit depth can hold becomes 0 to 1;
    of a DICOM file that names a window, what this window shows does.
    ``shades_of_grey``: then the colour of the light is taken out of colour images."""
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    standard_deviation: tuple[Positive, ...] = (0.25, 0.25, 0.25)

    @model_validator(mode="after")
    def _statistics_fit_channels(self) -> Self:
        for name in ("mean", "standard_deviation"):
            if len(getattr(self, name)) != self.channels:
                raise ValueError(f"{name} needs one number per channel, that is {self.channels}")
        return self


class ModelDesign(Section):
    """The three parts of the model, apart from the number of lesion classes."""

    extractor: ExtractorName = "small_cnn"
    further_extractors: tuple[ExtractorName, ...] = ()
    """Others that a site may choose instead when it joins. Each is averaged over the sites that
    have it, both classifiers over all sites."""
    normalisation: Literal["own", "local"] = "own"
    """``own``: the extractor's, which travels or never changes. ``local``: batch norm of each
    site's own images, which never travels (FedBN)."""
    weights: Literal["own", "file"] = "own"
    """What the extractor begins from. ``own``: random numbers, or the weights that come with
    it. ``file``: those of a file that the owner has; its batch statistics never change then."""
    feature_dim: int = Field(default=64, ge=2, le=128)
    domain_capacity: int = Field(default=64, ge=2, le=4096)
    domains_per_site: int = Field(default=0, ge=0, le=4096)
    """How many of these one site may take, which are never given back; 0: a quarter of them."""
    domain_classifier: Literal["one", "per_lesion"] = "per_lesion"
    """``per_lesion``: one for each lesion class, so that what is aligned is how the same lesion
    looks at different sites, not how often it occurs there."""

    @model_validator(mode="after")
    def _normalisation_fits_extractors(self) -> Self:
        if self.weights == "file" and set(self.extractors) <= set(WITHOUT_WEIGHTS_FILE):
            raise ValueError(f"{self.extractor} begins from no weights file: weights = own")
        if self.normalisation == "local" and "convnext_tiny" in self.extractors:
            raise ValueError("convnext_tiny has layer norm, no batch norm: normalisation = own")
        if self.normalisation == "local" and self.weights == "file":
            raise ValueError(
                "local normalisation never travels, and the file is the owner's alone: "
                "normalisation = own, or weights = own"
            )
        return self

    @model_validator(mode="after")
    def _extractors_differ(self) -> Self:
        if len(set(self.extractors)) < len(self.extractors):
            raise ValueError("further_extractors names an extractor that the study has already")
        return self

    @property
    def extractors(self) -> tuple[ExtractorName, ...]:
        """All that sites may choose between; the first is that of a site which chooses none."""
        return self.extractor, *self.further_extractors

    def with_extractor(self, extractor: ExtractorName) -> "ModelDesign":
        """Return the design of the model at a site that has chosen one of the extractors."""
        has_file = self.weights == "file" and extractor not in WITHOUT_WEIGHTS_FILE
        chosen = {
            "extractor": extractor,
            "further_extractors": (),
            "weights": "file" if has_file else "own",
        }
        return self.model_copy(update=chosen)

    @property
    def site_domain_limit(self) -> int:
        """How many domains one site may have: at least two, but never all there are."""
        share = self.domains_per_site or max(2, math.ceil(self.domain_capacity / 4))
        return min(share, self.domain_capacity - 1)


class Method(Section):
    """The training step, every choice of which can be switched for its control."""

    preset: PresetName = "siteblind"
    sampling: Literal["natural", "balanced"] = "natural"
    """``balanced``: each lesion class of a domain comes up equally often, however many images it
    has there; then knowing the site does not help to guess the lesion."""
    augmentation: Augmentation = "none"
    """How images are varied each time they are trained on. ``flips``: mirrored. ``mild``: cropped
    and lit a little otherwise, too."""
    restyle: Literal["none", "channel_statistics", "activation_statistics"] = "channel_statistics"
    """``channel_statistics``: of the images; ``activation_statistics``: of what the extractor's
    frozen stages make of them."""
    restyle_probability: float = Field(default=0.5, gt=0, le=1)
    restyle_reference: Literal["image", "site"] = "site"
    """``image``: an image loses its own statistics to those of the style. ``site``: it keeps how
    it differs from the other images of its site."""
    restyle_strength: float = Field(default=1.0, gt=0, le=1)
    """How far an image goes from its own statistics to those of the style."""
    first: Literal["literal", "margin", "all"] = "margin"
    margin: float = Field(default=0.98, gt=0, le=1)
    second: Literal["literal", "all", "off"] = "literal"
    target: Literal["uniform", "reversed"] = "uniform"
    domains: Literal["local", "moments", "frozen"] = "moments"
    """How the domain classifier is trained: on the site's own domains, with draws of the others'
    moments too, or not at all between two averages."""
    loops: Literal["shared", "separate"] = "shared"
    """``shared``: one pass serves both target selections. ``separate``: the published text's two
    loops one after the other ([0105], [0116]), features computed anew before each repetition."""
    repeat: int = Field(default=1, ge=1, le=20)
    adversarial_weight: float = Field(default=1.0, ge=0, le=100)
    adversarial_scale: Literal["constant", "gradient"] = "constant"
    """``gradient``: the weight is the adversary's share of the lesion loss's pull on the
    features, whatever the two losses' own sizes."""
    proximal_weight: float = Field(default=0.0, ge=0, le=100)
    """Pull of the feature extractor and the lesion classifier back to the global parameters."""
    local_steps: int = Field(default=12, ge=1, le=10_000)
    batch_size: int = Field(default=32, ge=2, le=4096)
    learning_rate: float = Field(default=0.02, gt=0, le=10)
    sharpness_radius: float = Field(default=0.0, ge=0, le=10)
    """Distance in parameter space over which the extractor's step looks for the worst loss."""
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=1e-4, ge=0, le=1)
    gradient_clip: float = Field(default=1.0, gt=0)
    """Largest gradient norm of a parameter group. Without it the normalised features make steps
    at a useful learning rate unstable: measured, accuracy falls to guessing at 0.03."""

    @model_validator(mode="after")
    def _scale_fits_loops(self) -> Self:
        if self.adversarial_scale == "gradient" and self.loops == "separate":
            raise ValueError(
                "adversarial_scale = gradient compares two pulls on one pass: loops = shared"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, values: Any) -> Any:  # noqa: ANN401  pydantic hands over raw input
        if not isinstance(values, dict):
            return values
        return {**PRESETS.get(str(values.get("preset")), {}), **values}


class RoundPlan(Section):
    """How many rounds, who takes part in each, and how long one may last."""

    count: int = Field(default=20, ge=1, le=100_000)
    fraction: float = Field(default=0.5, ge=0.1, le=0.5)
    """Share of the recently seen sites picked per round; 10 to 50 % by the method (S215)."""
    sites_per_round: int = Field(default=0, ge=0, le=100_000)
    """A preset number of sites instead of the fraction, kept within 10 to 50 % all the same;
    0: the fraction decides."""
    start_quorum: int = Field(default=2, ge=2, le=100_000)
    """Sites that must have been seen recently before a round opens."""
    finish_quorum: int = Field(default=1, ge=1, le=100_000)
    """Updates that must be there at the deadline; with fewer the round waits for more, and is
    tried again with other sites when those that are missing have vanished."""
    deadline_s: float = Field(default=3600, ge=1, le=30 * 86_400)
    seen_within_s: float = Field(default=600, gt=0, le=30 * 86_400)
    poll_s: float = Field(default=10, gt=0, le=3600)
    """How long a site waits between two questions to the coordinator."""
    average: Literal["mean", "trimmed_mean", "median"] = "mean"
    """How the updates of a round become one; the last two bear with a few that are far off."""
    trimmed_share: float = Field(default=0.1, gt=0, lt=0.5)
    """For ``trimmed_mean``: what is left out of the values of each parameter, at either end."""
    largest_sample_count: int = Field(default=100_000, ge=1, le=100_000_000)
    """Images that one site is believed to have, at most; one with more counts as with so many."""
    largest_share: float = Field(default=1.0, gt=0, le=1)
    """Of the weight of all sites of a round, what one may have at most; 1: as its images have it.
    So many cannot be held where there are too few sites; they then count alike."""
    averaged_rounds: int = Field(default=5, ge=1, le=100)
    """The finished model is the mean of the global parameters of so many last rounds."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    sites_told: Literal["count", "number", "name"] = "count"
    """What sites hear of each other: how many a round waits for, or which, by a number in order of
    joining or by name. The owner always sees the names."""
    accept_first_proposal: bool = False
    """The owner's consent, given beforehand, to start from the first site's parameters."""

    @model_validator(mode="after")
    def _deadline_spans_polls(self) -> Self:
        if self.seen_within_s < 2 * self.poll_s:
            raise ValueError("seen_within_s must be at least twice poll_s, or no site counts")
        return self


class Exchange(Section):
    """In what form updates, and the global parameters they make, travel."""

    encoding: Encoding = "float32"
    """``float32``: as they are. The others: how far they are from the global parameters before,
    in steps of a size of their own for every few thousand values; rounded up or down by chance,
    so that nothing is lost on the average."""
    compression: Literal["none", "zstd"] = "none"

    @property
    def is_of_differences(self) -> bool:
        """Whether bodies hold rounded differences, which need a base to become parameters."""
        return self.encoding != "float32"

    @model_validator(mode="after")
    def _compression_pays(self) -> Self:
        if self.compression != "none" and not self.is_of_differences:
            raise ValueError(
                "compression is for rounded differences, plain parameters hardly shrink: "
                "encoding = float16, int8 or int4"
            )
        return self


class Study(Section):
    """One joint training, as its owner wrote it down."""

    name: Name
    task: Annotated[str, Field(min_length=1, max_length=2000)]
    owner: Name = "unnamed"
    classes: tuple[LesionClass, ...] = Field(min_length=2, max_length=256)
    input: InputContract = InputContract()
    model: ModelDesign = ModelDesign()
    method: Method = Method()
    rounds: RoundPlan = RoundPlan()
    exchange: Exchange = Exchange()

    @model_validator(mode="before")
    @classmethod
    def _fill_model_from_preset(cls, values: Any) -> Any:  # noqa: ANN401  pydantic hands over raw input
        if not isinstance(values, dict) or not isinstance(values.get("method"), dict):
            return values
        fixed = MODEL_PRESETS.get(str(values["method"].get("preset")))
        if not fixed or not isinstance(model := values.get("model", {}), dict):
            return values
        return {**values, "model": {**fixed, **model}}

    @model_validator(mode="after")
    def _restyling_has_activations(self) -> Self:
        if self.method.restyle != "activation_statistics":
            return self
        if self.model.extractor not in ACTIVATION_CHANNELS:
            raise ValueError(
                "restyle = activation_statistics needs an extractor with frozen stages: "
                + ", ".join(ACTIVATION_CHANNELS)
            )
        if self.model.further_extractors:
            raise ValueError(
                "activations of one extractor mean nothing to another: restyle = "
                "channel_statistics, or no further_extractors"
            )
        return self

    @model_validator(mode="after")
    def _augmentation_fits_extractor(self) -> Self:
        frozen = sorted(ACTIVATION_CHANNELS.keys() & set(self.model.extractors))
        if self.method.augmentation != "none" and frozen:
            raise ValueError(
                f"{frozen[0]} keeps what its frozen stages make of each image, so "
                "images cannot be varied: augmentation = none"
            )
        return self

    @model_validator(mode="after")
    def _extractor_fits_channels(self) -> Self:
        frozen = sorted(ACTIVATION_CHANNELS.keys() & set(self.model.extractors))
        if frozen and self.input.channels != 3:
            raise ValueError(f"{frozen[0]} begins from colour images: channels = 3")
        return self

    @model_validator(mode="after")
    def _images_are_large_enough(self) -> Self:
        for extractor in self.model.extractors:
            smallest_px = SMALLEST_PX.get(extractor, 0)
            if self.input.size_px < smallest_px:
                raise ValueError(f"{extractor} needs size_px = {smallest_px} or more")
        return self

    @model_validator(mode="after")
    def _classes_differ(self) -> Self:
        if len({c.class_id for c in self.classes}) < len(self.classes):
            raise ValueError("two classes have the same class_id")
        if len({c.name.casefold() for c in self.classes}) < len(self.classes):
            raise ValueError("two classes have the same name")
        return self

    @property
    def style_channel_count(self) -> int:
        """Channels of the styles that sites share; 0 if the study shares none."""
        if self.method.restyle == "channel_statistics":
            return self.input.channels
        if self.method.restyle == "activation_statistics":
            return ACTIVATION_CHANNELS[self.model.extractor]
        return 0

    @property
    def moments_per_domain(self) -> int:
        """Groups of images that have moments of their own: a domain, or a lesion class in it."""
        return len(self.classes) if self.model.domain_classifier == "per_lesion" else 1

    @model_serializer(mode="wrap")
    def _say_only_what_differs(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        """Leave out what the defaults and the preset say already.

        So a program with a key more agrees with an older one on every study that does not use it.
        """
        preset = self.method.preset
        plain = {
            "input": InputContract(),
            "model": ModelDesign(**MODEL_PRESETS.get(preset, {})),
            "method": Method(preset=preset).model_copy(update={"preset": Method().preset}),
            "rounds": RoundPlan(),
            "exchange": Exchange(),
        }
        defaults = {name: part.model_dump(mode=info.mode) for name, part in plain.items()}
        defaults["owner"] = Study.model_fields["owner"].default
        return _beyond(defaults, serialize(self))

    @property
    def digest(self) -> str:
        """SHA-256 of what the study says and means; an update made for other words is refused.

        Of the ASCII JSON, keys sorted and without spaces, of ``METHOD_VERSION`` and of what the
        study says beyond the defaults, for which that version stands.
        """
        words = {"method_version": METHOD_VERSION, "study": self.model_dump(mode="json")}
        text = json.dumps(words, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def _beyond(defaults: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return what is said otherwise than by the defaults, part by part."""
    differing: dict[str, Any] = {}
    for key, value in said.items():
        if isinstance(value, dict):
            if part := _beyond(defaults[key], value):
                differing[key] = part
        elif key not in defaults or value != defaults[key]:
            differing[key] = value
    return differing


def read_study(path: Path) -> Study:
    """Read and check a study.toml.

    Raises:
        StudyInvalidError: naming the file, the key and what is wrong with its value.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyInvalidError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyInvalidError(f"{path} is not valid TOML: {error}") from error
    try:
        return Study.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the study as a whole"
        reason = (
            "there is no such key"
            if first["type"] == "extra_forbidden"
            else first["msg"].removeprefix("Value error, ")
        )
        raise StudyInvalidError(f"{path}: {key}: {reason}") from error
