"""What happens in a study's rounds, as sentences for people; pure, no widgets."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication

from coordinator.study import ExtractorName, Study
from desktop_client.federation.events import (
    CoordinatorAway,
    ParametersLoaded,
    RoundJoined,
    RoundTrained,
    RoundWaited,
    StudyFinished,
    StudyOpened,
    TransferAdvanced,
    UpdateRefused,
    UpdateSent,
)
from desktop_client.gui.wording import counted, percent
from desktop_client.training.events import ImagesPrepared, TrainingWarned
from desktop_client.training.families import FAMILIES

LONGEST_LIST: Final = 6
"""Names of sites; of more, only how many."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("round_story", text)


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says now."""

    heading: str
    """Which round it is; empty to leave what was said before."""
    status: str
    others: str = ""
    """About the other sites, or what happens next."""
    role: str = ""
    """``warning`` or ``success``, as the style sheet knows them."""


def tell(event: object) -> Said | None:
    """Put an event into words; None for those that have none."""
    match event:
        case ImagesPrepared():
            return Said("", _tr("Reading this site's images …"))
        case StudyOpened():
            return Said("", _opened(event))
        case RoundWaited():
            return Said(_round_waited_for(event), event.sentence, _others(event))
        case TrainingWarned(sentence) | UpdateRefused(sentence=sentence):
            return Said("", sentence, role="warning")
        case ParametersLoaded():
            return Said("", _loaded(event))
        case CoordinatorAway(sentence, retry_in_s):
            again = _tr("Nothing is lost; trying again in {0:.0f} s.").format(retry_in_s)
            return Said("", sentence, again, role="warning")
        case StudyFinished():
            return _finished(event)
    return _own_part(event)


def _own_part(event: object) -> Said | None:
    """Put into words what this site does in a round."""
    match event:
        case RoundJoined(round_number, round_count):
            return Said(
                _tr("Round {0} of {1}").format(round_number, round_count),
                _tr("This site was picked and is training on its own images."),
            )
        case RoundTrained(_, before, after):
            told = _tr("Trained. On your held-out images {0} right before, {1} after.")
            return Said("", told.format(percent(before.accuracy), percent(after.accuracy)))
        case UpdateSent(round_number, byte_count):
            sent = _tr("This site's part of round {0} was sent ({1:.1f} MB).")
            return Said("", sent.format(round_number, byte_count / 1e6))
    return None


def transfer_words(event: TransferAdvanced) -> str:
    """Return how much of a body is through."""
    words = (
        _tr("Sending this site's part: {0} of {1} MB")
        if event.direction == "up"
        else _tr("Receiving the shared model: {0} of {1} MB")
    )
    return words.format(f"{event.done_bytes / 1e6:.1f}", f"{event.total_bytes / 1e6:.1f}")


def what_is_sent(study: Study) -> str:
    """Return what leaves this computer in each round of the study."""
    sent = _tr(
        "The model's parameters, how many images they come from, how well the shared model does "
        "on your held-out images, and a random number for each scanner and for this computer"
    )
    shared = []
    if study.method.domains == "moments":
        shared.append(
            _tr("the average and spread of its features")
            if study.moments_per_domain == 1
            else _tr("the average and spread of its features for each lesion class")
        )
    if study.method.restyle == "channel_statistics":
        shared.append(_tr("16 averages of the colour and contrast of at least 4 images each"))
    elif study.style_channel_count:
        shared.append(_tr("16 averages of how at least 4 images each look to the network"))
    if shared:
        also = _tr(" and ").join(shared)
        sent += _tr("; for each scanner with at least 20 images also {0}").format(also)
    if study.rounds.sites_told == "name":
        sent += _tr(". The study's other sites see the name of yours")
    return sent


def what_is_trained(study: Study, extractor: ExtractorName) -> str:
    """Return which network this site trains, and in how many rounds."""
    rounds = counted(study.rounds.count, _tr("round"), _tr("rounds"))
    told = _tr("{0}, in {1}, on images of {2} x {2} pixels").format(
        network_words(extractor), rounds, study.input.size_px
    )
    if not study.model.further_extractors:
        return told
    return _tr("{0}; other sites may have another network").format(told)


def network_words(extractor: ExtractorName) -> str:
    """Return what a network is called in a sentence."""
    if extractor == "small_cnn":
        return _tr("a small network, made for computers without a graphics card")
    return FAMILIES[extractor].title


def how_much(study: Study, byte_count: int | None) -> str:
    """Return how much is sent and received; nothing is known before the first model."""
    if byte_count is None:
        return _tr("Not known yet: the study has no model so far.")
    picked = 100 * study.rounds.fraction
    return _tr(
        "About {0} MB in each round that this site is picked for ({1:.0f} % of the sites in each), "
        "and about as much is received."
    ).format(f"{byte_count / 1e6:.1f}", picked)


def what_is_never_sent() -> str:
    """Return what does not leave this computer, whatever the study."""
    return _tr("Images, labels, file names, anything about patients or your name")


def _round_waited_for(event: RoundWaited) -> str:
    if event.is_paused:
        return _tr("The study is paused")
    if event.picked_count == 0:
        return _tr("Waiting for the next round")
    return _tr("Round {0} of {1}").format(event.round_number, event.round_count)


def _others(event: RoundWaited) -> str:
    sites = counted(event.site_count, _tr("site is"), _tr("sites are"))
    here = _tr("{0} in touch with the coordinator").format(sites)
    if event.picked_count == 0:
        return f"{here}."
    part = _tr("This site is picked") if event.is_picked else _tr("Not picked this time")
    return f"{part}. {_waiting_for(event)}{here}."


def _waiting_for(event: RoundWaited) -> str:
    """Name the sites that have not sent yet, where the study tells sites which."""
    if not event.waiting_for:
        return ""
    names = ", ".join(event.waiting_for[:LONGEST_LIST])
    more_count = len(event.waiting_for) - LONGEST_LIST
    if more_count > 0:
        names = _tr("{0} and {1} more").format(names, more_count)
    return _tr("The round waits for {0}. ").format(names)


def _finished(event: StudyFinished) -> Said:
    heading, told = _tr("The study is finished"), f"{event.sentence}."
    if event.checkpoint_path is None:
        return Said(heading, told, role="warning")
    saved = _tr("The final model is saved at this site: {0} right, held out.")
    return Said(heading, saved.format(percent(event.validation.accuracy)), told, role="success")


def _opened(event: StudyOpened) -> str:
    images = counted(event.training_count, _tr("image"), _tr("images"))
    return _tr("Connected. {0} to train on, {1} held out, on {2}.").format(
        images, event.validation_count, event.device
    )


def _loaded(event: ParametersLoaded) -> str:
    what = (
        _tr("The study's first model was received")
        if event.round_number == 0
        else _tr("The shared model of round {0} was received").format(event.round_number)
    )
    return _tr("{0}: {1} right on this site's held-out images.").format(
        what, percent(event.validation.accuracy)
    )
