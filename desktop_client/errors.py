"""Everything the client can refuse or fail at, as sentences for the person at the desk.

ClientError
├── SettingsError                a setting has an impossible value, or its file is damaged
│   └── SettingsFileError        the file that a service is set up by, with each of its mistakes
├── ImageUnreadableError         a file is no image we can decode
├── ImportTableError             a CSV that cannot be imported as it stands
├── ExportError                  a table, copy or model that cannot be written where it should be
├── LabelStoreError              the label database is damaged, locked or of a newer version
│   └── AuditTrailBrokenError    an entry of the audit trail is missing or altered
├── ProjectError                 a project's folder cannot be used, or is no project
│   ├── ProjectInUseError        somebody else has the project open, and who
│   ├── ProjectPlaceError        the folder is on a network drive
│   └── BackupError              a back-up cannot be written, or one that cannot be trusted
├── TrainingError                training cannot begin or cannot go on
│   ├── NothingToTrainError      too few labelled, readable images
│   ├── TrainingDivergedError    the loss is no longer a number
│   ├── PretrainedWeightsError   the weights to begin from are missing or do not fit
│   ├── CheckpointError          a model file that cannot be used
│   ├── QualityReportError       what was measured of a model is damaged or cannot be written
│   ├── ReportError              a report or card for people cannot be written
│   ├── RunFileError             an interrupted training's file is damaged or cannot be written
│   ├── RunOutdatedError         what an interrupted training learns from has changed


│   ├── ClassesUnknownError      a model that answers with none of this site's classes
│   ├── PredictionTableError     nothing to ask a model about, or nowhere to write its answers
│   ├── RankLostError            one of the processes that train together does not answer
│   └── ComputeProcessError      the training process ended without a result
├── UpdateCheckError             nobody said which version is the newest
├── SimulationError              a simulated federation cannot be run or compared
│   ├── SimulationDataError      the folder of sites or its manifest cannot be used
│   ├── SimulationPlanError      a variant or a site that is asked for and cannot be
│   └── ResultsFileError         a file of results is damaged, foreign or cannot be written
└── FederationError              taking part in a study failed
    ├── EnrolmentIncompleteError the code or the site's name is missing
    ├── CoordinatorAddressError  not an address we may send a credential to
    ├── CertificateDiffersError  the certificate is not the one that the invitation names
    ├── NetworkFileError         a file of certificate authorities that cannot be used
    ├── CoordinatorAwayError     no answer, or not from a coordinator; trying again may help
    ├── CoordinatorRefusedError  the coordinator said no, and why
    ├── FlowerError              Flower is missing, or was started so that nothing can be run on it
    ├── MembershipError          no such membership, or its file is damaged
    │   └── HandedOverError      another program of this site takes part in its place
    └── StudyUnsuitableError     the study does not fit this site's images or program
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self


class ClientError(Exception):
    """Base of all; its text is shown to the user as it is."""


class SettingsError(ClientError):
    """A setting has an impossible value, or the settings file is damaged."""


class SettingsFileError(SettingsError):
    """The file that a service is set up by has mistakes; each is a sentence of its own."""

    def __init__(self, path: Path | None, mistakes: Sequence[str]) -> None:
        where = "The settings" if path is None else str(path)
        super().__init__("\n".join(f"{where}: {mistake}" for mistake in mistakes))


class ImageUnreadableError(ClientError):
    """A file is no image we can decode; ``reason`` says why, without the path."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} cannot be read: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[Self], tuple[Path, str]]:
        """Survive the way from the training process: what is pickled are the arguments."""
        return type(self), (self.path, self.reason)


class ImportTableError(ClientError):
    """A CSV that cannot be imported as it stands."""


class ExportError(ClientError):
    """A table, a copy of images or a model that cannot be written where it should be."""


class LabelStoreError(ClientError):
    """The label database is damaged, locked or of a newer version."""


class ProjectError(ClientError):
    """A project's folder cannot be used, or is no project."""


class ProjectInUseError(ProjectError):
    """Somebody else has the project open; ``holder`` says who, where and since when."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"The project “{folder.name}” is open already: {holder}. Close it there first; two at "
            "a time would overwrite each other's labels."
        )
        self.folder = folder
        self.holder = holder


class ProjectPlaceError(ProjectError):
    """The folder is on a network drive."""


class BackupError(ProjectError):
    """A back-up cannot be written, or is one that cannot be trusted."""


class AuditTrailBrokenError(LabelStoreError):
    """An entry of the audit trail is missing or altered."""


class TrainingError(ClientError):
    """Training cannot begin or cannot go on."""


class NothingToTrainError(TrainingError):
    """Too few labelled, readable images."""


class TrainingDivergedError(TrainingError):
    """The loss is no longer a number."""


class PretrainedWeightsError(TrainingError):
    """The weights to begin from are missing, damaged or of another network."""


class CheckpointError(TrainingError):
    """A model file that cannot be used."""


class QualityReportError(TrainingError):
    """The report on how good a model is cannot be read or written."""


class ReportError(TrainingError):
    """A report on a model, or its card, cannot be written as it was asked for."""


class RunFileError(TrainingError):
    """The file of an interrupted training is damaged, or cannot be written or removed."""


class RunOutdatedError(TrainingError):
    """Labels, scanners or images of an interrupted training have changed."""


class ClassesUnknownError(TrainingError):
    """A model that answers with none of this site's classes."""


class PredictionTableError(TrainingError):
    """Nothing to ask a model about, or nowhere to write its answers."""


class RankLostError(TrainingError):
    """One of the processes that train together has ended or does not answer."""


class ComputeProcessError(TrainingError):
    """The training process ended without a result."""


class UpdateCheckError(ClientError):
    """Nobody said which version is the newest."""


class SimulationError(ClientError):
    """A simulated federation cannot be run or compared."""


class SimulationDataError(SimulationError):
    """The folder of sites or its manifest cannot be used."""


class SimulationPlanError(SimulationError):
    """A variant or a site that is asked for and cannot be."""


class ResultsFileError(SimulationError):
    """A file of results is damaged, foreign or cannot be written."""


class FederationError(ClientError):
    """Taking part in a study failed."""


class EnrolmentIncompleteError(FederationError):
    """The code or the site's name is missing."""


class CoordinatorAddressError(FederationError):
    """Not an address we may send a credential to."""


class CertificateDiffersError(FederationError):
    """The certificate is not the one that the invitation names."""


class NetworkFileError(FederationError):
    """A file of certificate authorities that cannot be used."""


class CoordinatorAwayError(FederationError):
    """No answer, or not from a coordinator; trying again may help."""


class CoordinatorRefusedError(FederationError):
    """The coordinator said no; ``code`` is one of ``coordinator.errors``."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Survive the way from the training process: what is pickled are the arguments."""
        return type(self), (self.code, self.sentence)


class FlowerError(FederationError):
    """Flower is missing, or was started so that nothing of ours can be run on it."""


class MembershipError(FederationError):
    """No such membership, or its file is damaged."""


class HandedOverError(MembershipError):
    """Another program of this site takes part in a study in the place of this one."""


class StudyUnsuitableError(FederationError):
    """The study does not fit this site's images or program."""
