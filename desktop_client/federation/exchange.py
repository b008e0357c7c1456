"""What travels: a model's parameters to a safetensors body and back, checked before use.

Which parameters travel is decided here alone, by the type of the module that owns them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from coordinator.encoding import Fit, difference_parts, restored, values_of
from coordinator.errors import CoordinatorError
from coordinator.parameters import (
    Group,
    Manifest,
    Parameters,
    body_limit_bytes,
    check_moments,
    check_parameters,
    check_styles,
    decode,
    encode,
    group_of,
    manifest_of,
    split_arrays,
    value_count,
)
from coordinator.protocol import (
    METHOD_VERSION,
    PROTOCOL_VERSION,
    DifferenceMessage,
    GlobalMessage,
    LesionMetrics,
    ParametersReference,
    UpdateMessage,
    global_fit,
    statistics_limit,
)
from coordinator.study import Exchange, ExtractorName, Study
from desktop_client.errors import StudyUnsuitableError
from desktop_client.training import moments as domain_moments
from desktop_client.training import restyle
from desktop_client.training.layers import FrozenBatchNorm2d
from desktop_client.training.model import SiteBlindModel, initial_model, new_model
from desktop_client.training.moments import DomainMoments

LOCAL_MODULES: Final = (nn.modules.batchnorm._BatchNorm,)  # the only common base
"""Modules whose parameters and statistics stay at the site: they describe its images."""
CONSTANT_MODULES: Final = (FrozenBatchNorm2d,)
"""Modules whose buffers travel: pretrained statistics that the parameters belong with."""

UNASSIGNED: Final = "unassigned"
"""Study id in initial parameters that were made before the coordinator gave the study one."""


@dataclass(frozen=True)
class GlobalParameters:
    """Global parameters that have passed every check, and all domains' moments and styles."""

    message: GlobalMessage
    digest: str
    """What an update names as the parameters that training began from."""
    parameters: Parameters
    moments: dict[int, DomainMoments]
    """By domain, or by domain and lesion class."""
    styles: dict[int, Tensor] = field(default_factory=dict)
    """By domain; ``[16, 2, C]``."""

    @property
    def arrays(self) -> Parameters:
        """Everything as it travels."""
        return {
            **self.parameters,
            **domain_moments.to_arrays(self.moments),
            **restyle.to_arrays(self.styles),
        }


@dataclass(frozen=True)
class SharedStatistics:
    """What a site sends beside its parameters about how its domains look."""

    moments: dict[int, DomainMoments]
    styles: dict[int, Tensor]
    domains: set[int]
    """All that the site trains on, also those with too few images for statistics."""


@dataclass(frozen=True)
class UpdateSource:
    """Who made an update, in which round, from what and on how much.

    Attributes:
        study_id: The study.
        site_id: This site.
        round_number: The round it is for.
        base: Global parameters that training began from.
        sample_count: Labelled images trained on.
        metrics_before: Of the base on this site's held-out images.
        rounding_seed: Of a body that travels rounded; the same one makes the same body again.
    """

    study_id: str
    site_id: str
    round_number: int
    base: GlobalParameters
    sample_count: int
    metrics_before: LesionMetrics
    rounding_seed: int


def travelling_parameters(model: SiteBlindModel) -> Parameters:
    """Return the arrays of a model that leave the site: no integers, nothing local."""
    arrays: Parameters = {}
    for module_name, module in model.named_modules():
        if isinstance(module, LOCAL_MODULES):
            continue
        named = list(module.named_parameters(module_name, recurse=False))
        if isinstance(module, CONSTANT_MODULES):
            named += module.named_buffers(module_name, recurse=False)
        for name, tensor in named:
            arrays[name] = tensor.detach().float().cpu().numpy().copy()
    return arrays


def load_parameters(model: SiteBlindModel, parameters: Parameters) -> None:
    """Copy travelled parameters into a model; what stays local is left as it is."""
    state = model.state_dict()
    with torch.no_grad():
        for name, array in parameters.items():
            state[name].copy_(torch.from_numpy(array))


def local_state(model: SiteBlindModel) -> Parameters:
    """Return the arrays of a model that never leave the site."""
    travelling = travelling_parameters(model)
    return {
        name: tensor.detach().cpu().numpy().copy()
        for name, tensor in model.state_dict().items()
        if name not in travelling and tensor.is_floating_point()
    }


def download_limit_bytes(study: Study, manifest: Manifest) -> int:
    """Return how many bytes the study's global parameters can have."""
    return body_limit_bytes(manifest, statistics_limit(study))


def read_global(
    body: bytes,
    study: Study,
    manifest: Manifest,
    announced: ParametersReference,
    extractor: ExtractorName | None = None,
) -> GlobalParameters:
    """Check a received body as a whole and unpack it.

    Args:
        body: Safetensors with a ``GlobalMessage``.
        study: What this site agreed to train.
        manifest: Of this site's own model.
        announced: Round and digest of what the coordinator said it would send.
        extractor: Of this site's model; None for the study's first.

    Raises:
        StudyUnsuitableError: if the body is not the announced model of this study.
    """
    try:
        arrays, message = decode(body, GlobalMessage)
        parameters, moments, styles = split_arrays(arrays)
        check_parameters(parameters, manifest)
        domains = set(range(study.model.domain_capacity))
        groups = set(range(study.model.domain_capacity * study.moments_per_domain))
        check_moments(moments, groups, study.model.feature_dim)
        check_styles(styles, domains, study.style_channel_count)
    except CoordinatorError as error:
        raise StudyUnsuitableError(f"The received model cannot be used: {error}") from error
    if message.protocol_version != PROTOCOL_VERSION or message.method_version != METHOD_VERSION:
        raise StudyUnsuitableError(
            "The received model is of another version of SiteBlind; update this program"
        )
    if message.study_digest != study.digest:
        raise StudyUnsuitableError("The received model was made for another study")
    if message.extractor != (extractor or study.model.extractor):
        raise StudyUnsuitableError(
            "The received model was made for sites with another feature extractor"
        )
    is_announced = announced.digest == hashlib.sha256(body).hexdigest()
    if not is_announced or message.round_number != announced.round_number:
        raise StudyUnsuitableError("The received model is not the one the coordinator announced")
    if message.domain_count > study.model.domain_capacity:
        raise StudyUnsuitableError("The received model has more domains than the study allows")
    return unpacked(arrays, message, announced.digest)


def unpacked(arrays: Parameters, message: GlobalMessage, digest: str) -> GlobalParameters:
    """Take apart arrays that have passed every check."""
    parameters, moments, styles = split_arrays(arrays)
    return GlobalParameters(
        message,
        digest,
        parameters,
        domain_moments.from_arrays(moments),
        restyle.from_arrays(styles),
    )


def brought_up_to(
    base: Parameters, differences: Iterable[bytes], study: Study, manifest: Manifest
) -> bytes:
    """Make the body of newer global parameters of what the rounds since have changed.

    Args:
        base: The parameters before the first of them.
        differences: At least one, of rounds that follow each other.
        study: What this site agreed to train.
        manifest: Of this site's own model.

    Raises:
        StudyUnsuitableError: if one of them is no difference of the study's model.
    """
    arrays, fit = base, global_fit(study, manifest)
    try:
        for body in differences:
            parameters = split_arrays(arrays).parameters
            arrays, message = restored(body, DifferenceMessage, parameters, fit)
    except CoordinatorError as error:
        raise StudyUnsuitableError(f"What a round changed cannot be used: {error}") from error
    return encode(arrays, message.parameters)


def update_body(
    model: SiteBlindModel, statistics: SharedStatistics, of: UpdateSource, exchange: Exchange
) -> bytes:
    """Pack a trained model and what the site shares about its domains as its update of a round.

    Raises:
        NonFiniteParametersError: if it travels rounded, and training left something that is not
            finite.
    """
    message = UpdateMessage(
        protocol_version=PROTOCOL_VERSION,
        method_version=METHOD_VERSION,
        study_id=of.study_id,
        study_digest=of.base.message.study_digest,
        site_id=of.site_id,
        round_number=of.round_number,
        extractor=of.base.message.extractor,
        base_digest=of.base.digest,
        sample_count=of.sample_count,
        domain_indices=tuple(sorted(statistics.domains)),
        metrics_before=of.metrics_before,
        encoding=exchange.encoding,
    )
    parameters = travelling_parameters(model)
    riding = {
        **domain_moments.to_arrays(statistics.moments),
        **restyle.to_arrays(statistics.styles),
    }
    if not exchange.is_of_differences:
        return encode({**parameters, **riding}, message)
    fit = Fit(manifest_of(parameters), value_count(manifest_of(riding)), exchange)
    new = (parameters[name] for name in sorted(parameters))
    base = values_of(of.base.parameters)
    return b"".join(difference_parts(message, new, base, riding, fit, of.rounding_seed))


def initial_body(
    study: Study,
    study_id: str,
    seed: int,
    weights_path: Path | None = None,
    extractor: ExtractorName | None = None,
) -> bytes:
    """Pack newly initialised parameters for a study; the same seed gives the same bytes.

    The classifiers are those of the model with the study's first extractor, whichever is asked
    for: all sites begin with the same ones.

    Args:
        study: The study.
        study_id: The study's, if the coordinator has given it one.
        seed: Of what is random.
        weights_path: Of the weights file that the study begins from, if it does.
        extractor: Of the model; None for the study's first.

    Raises:
        PretrainedWeightsError: if weights that the study begins from are missing or do not fit.
    """
    first, class_count = study.model.extractor, len(study.classes)
    chosen = extractor or first
    design = study.model.with_extractor(chosen)
    model = initial_model(design, study.input, class_count, seed, weights_path)
    parameters = travelling_parameters(model)
    if chosen != first:
        shared = new_model(study.model.with_extractor(first), study.input, class_count, seed)
        parameters |= {
            name: array
            for name, array in travelling_parameters(shared).items()
            if group_of(name) is not Group.FEATURE_EXTRACTOR
        }
    message = GlobalMessage(
        protocol_version=PROTOCOL_VERSION,
        method_version=METHOD_VERSION,
        study_id=study_id,
        study_digest=study.digest,
        round_number=0,
        extractor=chosen,
        domain_count=0,
    )
    return encode(parameters, message)


def model_manifest(model: SiteBlindModel) -> Manifest:
    """Return names and shapes of what travels of a model."""
    return manifest_of(travelling_parameters(model))
