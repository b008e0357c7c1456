"""Every refusal the coordinator can give, each with the code that travels and an HTTP status.

CoordinatorError
├── StudyInvalidError            study.toml has a missing, unknown or impossible value
├── StudyUnknownError            no such study here
├── PageUnknownError             no such page on the dashboard
├── StudyStoppedError            the study's owner has stopped it for good
├── StudyFinishedError           all rounds of the study are averaged
├── RoundUnknownError            the study never opened this round
├── SettingsInvalidError         the coordinator's own settings have an impossible value
├── NotConfirmedError            a command that has no way back, and nobody said yes
├── SiteUnknownError             the study has no such site
├── OwnerUnknownError            no such owner credential here
├── StateDamagedError            the coordinator's own files are torn or altered
├── StorageFullError             the coordinator's disk has no room left
├── StateTooNewError             the database was written by a newer version of this program
├── ProtocolVersionError         the site speaks a protocol that is not served
├── CredentialRefusedError       missing, wrong or foreign credential
├── CredentialInUseError         another site of the study has the credential
├── SiteElsewhereError           the site takes part on another of its computers already
├── CrossSiteError               a form that another site's page has sent
├── TooManyRequestsError         more requests, or more wrong secrets, than are taken in a minute
├── SlowBodyError                the body arrives too slowly
├── EnrolmentCodeRefusedError    wrong, used or expired enrolment code
├── InvitationUnreadableError    no invitation in a text, or one that is not whole
├── ExtractorRefusedError        not one of the study's feature extractors, or not the site's own
├── DomainCapacityError          the study has no index left for another domain
├── ParametersUnavailableError   the asked-for global parameters do not exist (yet)
├── RoundClosedError             the round is over or has not begun
├── SiteNotPickedError           the site was not picked for this round
└── BodyRefusedError             a safetensors body that cannot be used
    ├── UploadBrokenError        the bytes do not continue what came before, or have another digest
    ├── BodyTooLargeError        more bytes than the study's model can have
    ├── MalformedBodyError       not safetensors, or its message is not understood
    ├── StudyMismatchError       made for another study, round, site or base model
    ├── UpdateConflictError      this site already sent a different update for the round
    ├── ParameterMismatchError   names, shapes or dtypes differ from the study's manifest
    ├── NonFiniteParametersError NaN or infinity in an array
    ├── UpdateTooFarError        parameters that no training by study.toml can reach
    ├── MomentsRefusedError      domain moments that cannot be a mean and a covariance
    └── StylesRefusedError       styles that cannot be channel means and deviations
"""

from typing import ClassVar


class CoordinatorError(Exception):
    """Base of every refusal; its text is a sentence for the person who must act."""

    code: ClassVar[str] = "coordinator_error"
    http_status: ClassVar[int] = 400


class StudyInvalidError(CoordinatorError):
    """study.toml has a missing, unknown or impossible value."""

    code = "study_invalid"
    http_status = 422


class StudyUnknownError(CoordinatorError):
    """The coordinator has no such study."""

    code = "study_unknown"
    http_status = 404


class StudyStoppedError(CoordinatorError):
    """The study's owner has stopped it; it cannot be paused, resumed or trained any more."""

    code = "study_stopped"
    http_status = 409


class StudyFinishedError(CoordinatorError):
    """All rounds of the study are averaged; there is nothing left to pause or stop."""

    code = "study_finished"
    http_status = 409


class RoundUnknownError(CoordinatorError):
    """The study never opened a round of this number."""

    code = "round_unknown"
    http_status = 404


class NotConfirmedError(CoordinatorError):
    """A command that cannot be undone was not confirmed; nothing was changed."""

    code = "not_confirmed"


class PageUnknownError(CoordinatorError):
    """The dashboard has no such page, or not yet."""

    code = "page_unknown"
    http_status = 404


class SiteUnknownError(CoordinatorError):
    """The study has no such site."""

    code = "site_unknown"
    http_status = 404


class OwnerUnknownError(CoordinatorError):
    """The coordinator has issued no such owner credential."""

    code = "owner_unknown"
    http_status = 404


class SettingsInvalidError(CoordinatorError):
    """The coordinator's own settings have a missing, unknown or impossible value."""

    code = "settings_invalid"
    http_status = 500


class StateDamagedError(CoordinatorError):
    """The coordinator's own files are torn or altered; restore them before going on."""

    code = "state_damaged"
    http_status = 503


class StorageFullError(CoordinatorError):
    """The coordinator's disk has no room left; nothing was changed."""

    code = "storage_full"
    http_status = 507


class StateTooNewError(CoordinatorError):
    """The database was written by a newer version of this program, which must be used."""

    code = "state_too_new"
    http_status = 503


class ProtocolVersionError(CoordinatorError):
    """The site speaks a protocol version that this coordinator does not serve."""

    code = "protocol_version"
    http_status = 426


class CredentialRefusedError(CoordinatorError):
    """The request has no credential, or one that is not valid for this study."""

    code = "credential_refused"
    http_status = 401


class CredentialInUseError(CoordinatorError):
    """Another site of the study has the credential that this one wants."""

    code = "credential_in_use"
    http_status = 409


class SiteElsewhereError(CoordinatorError):
    """The site takes part on another of its computers already."""

    code = "site_elsewhere"
    http_status = 409


class CrossSiteError(CoordinatorError):
    """A browser sent a form for another site's page; nothing was done."""

    code = "cross_site"
    http_status = 403


class TooManyRequestsError(CoordinatorError):
    """More requests, or more wrong secrets, came than are taken in a minute."""

    code = "too_many_requests"
    http_status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SlowBodyError(CoordinatorError):
    """The body arrives too slowly; the site sends it again."""

    code = "slow_body"
    http_status = 408


class EnrolmentCodeRefusedError(CoordinatorError):
    """The enrolment code is wrong, was used by another site, or has expired."""

    code = "code_refused"
    http_status = 403


class InvitationUnreadableError(CoordinatorError):
    """A text holds no invitation, or one that is damaged."""

    code = "invitation_unreadable"


class ExtractorRefusedError(CoordinatorError):
    """The study does not have the feature extractor, or the site has joined with another."""

    code = "extractor_refused"
    http_status = 409


class DomainCapacityError(CoordinatorError):
    """All of the study's domain indices are taken; none is ever reused."""

    code = "domain_capacity"
    http_status = 409


class ParametersUnavailableError(CoordinatorError):
    """The asked-for global parameters do not exist, or not yet."""

    code = "parameters_unavailable"
    http_status = 404


class RoundClosedError(CoordinatorError):
    """The round is over or has not begun."""

    code = "round_closed"
    http_status = 409


class SiteNotPickedError(CoordinatorError):
    """The site was not picked for this round."""

    code = "not_picked"
    http_status = 403


class BodyRefusedError(CoordinatorError):
    """Base of the refusals of a safetensors body; nothing of it was used."""

    code = "body_refused"
    http_status = 422


class UploadBrokenError(BodyRefusedError):
    """The bytes do not continue those that came before, or are not those of their digest."""

    code = "upload_broken"
    http_status = 409


class BodyTooLargeError(BodyRefusedError):
    """The body has more bytes than the study's model can have."""

    code = "body_too_large"
    http_status = 413


class MalformedBodyError(BodyRefusedError):
    """The body is not safetensors, or its message is not understood."""

    code = "malformed_body"


class StudyMismatchError(BodyRefusedError):
    """The body was made for another study, round, site or base model."""

    code = "study_mismatch"
    http_status = 409


class UpdateConflictError(BodyRefusedError):
    """The site already sent a different update for this round."""

    code = "update_conflict"
    http_status = 409


class ParameterMismatchError(BodyRefusedError):
    """Names, shapes or dtypes differ from the study's manifest."""

    code = "parameter_mismatch"


class NonFiniteParametersError(BodyRefusedError):
    """An array holds NaN or infinity."""

    code = "non_finite"


class UpdateTooFarError(BodyRefusedError):
    """A parameter group is farther from the global parameters than training can bring it."""

    code = "update_too_far"


class MomentsRefusedError(BodyRefusedError):
    """Domain moments that cannot be the mean and covariance of features."""

    code = "moments_refused"


class StylesRefusedError(BodyRefusedError):
    """Styles that cannot be the channel means and standard deviations of a domain's images."""

    code = "styles_refused"
