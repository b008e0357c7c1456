"""The file that a site without a window is set up by, read and checked before anything is done.

Never loads torch.
"""

import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from coordinator.invitation import LONGEST_TEXT, Invitation
from coordinator.study import ExtractorName
from desktop_client.errors import EnrolmentIncompleteError, SettingsError, SettingsFileError
from desktop_client.federation.consent import invitation_in
from desktop_client.federation.enrolment import CODE_LIMIT
from desktop_client.training.request import DeviceChoice

LARGEST_FILE_BYTES: Final = 1_000_000
Name = Annotated[str, Field(min_length=1, max_length=CODE_LIMIT, pattern=r"\S")]


class NetworkSettings(BaseModel):
    """The way out of the hospital.

    Attributes:
        proxy: ``http://[name:password@]host:port``; empty for what the system names.
        authorities: The hospital's own certificate authorities, as PEM; without it the project
            trusts none, whomever it trusted before.
        accept_other_certificate: Whether the coordinator may show another certificate than the
            invitation names, since this hospital's network reads what is sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    proxy: str = ""
    authorities: Path | None = None
    accept_other_certificate: bool = False


class SiteSettings(BaseModel):
    """What a person would choose in the window.

    Attributes:
        project: The project's folder, on a disk of this computer.
        study: Which, if the project is in several.
        invitation: As the study's owner sent it; not needed any more once the study is joined.
        invitation_file: A file with it, instead.
        site_name: By which the study's owner is to know this site.
        consent: Who agrees to take part, and to what is chosen here; in the audit trail.
        classes: By name of a class of this site, the study's class that it means, or nothing if
            its images stay out. None to leave what was chosen before, or else by name.
        scanners: Names of those whose images take part. None to leave what was chosen before, or
            else all.
        extractor: Which network this site trains, where the study leaves a choice; chosen when it
            joins, for as long as it is a member. None to leave that, or else the study's first.
        device: Where to compute.
        ranks: How many graphics cards compute each batch together; 0: all there are.
        network: The way out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Path
    study: str | None = None
    invitation: str | None = None
    invitation_file: Path | None = None
    site_name: Name | None = None
    consent: Name | None = None
    classes: dict[str, str] | None = None
    scanners: list[str] | None = Field(default=None, min_length=1)
    extractor: ExtractorName | None = None
    device: DeviceChoice = "automatic"
    ranks: int = Field(default=1, ge=0)
    network: NetworkSettings = NetworkSettings()

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.invitation is not None and self.invitation_file is not None:
            raise ValueError("give invitation or invitation_file, not both")
        is_invited = self.invitation is not None or self.invitation_file is not None
        if is_invited and self.site_name is None:
            raise ValueError("joining needs site_name, by which the study's owner will know you")
        is_chosen = self.classes is not None or self.scanners is not None
        if self.consent is None and (is_invited or is_chosen):
            raise ValueError("somebody has to agree by name to what is chosen here: consent")
        return self

    def invited(self) -> Invitation | None:
        """Return the invitation, wherever it stands; None without one.

        Raises:
            SettingsError: if it cannot be read.
            EnrolmentIncompleteError: if it is damaged.
        """
        if self.invitation_file is None:
            return None if self.invitation is None else invitation_in(self.invitation)
        try:
            with self.invitation_file.open(encoding="utf-8", errors="replace") as file:
                return invitation_in(file.read(LONGEST_TEXT))
        except OSError as error:
            raise SettingsError(f"{self.invitation_file}: {error.strerror}") from error


def read_site_settings(path: Path) -> SiteSettings:
    """Read and check the settings of a site without a window.

    Raises:
        SettingsFileError: with a sentence for each mistake.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES)
        values = tomllib.loads(content.decode())
    except OSError as error:
        raise SettingsFileError(path, [f"it cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsFileError(path, [f"it is not valid TOML: {error}"]) from error
    try:
        settings = SiteSettings.model_validate(values)
    except ValidationError as error:
        raise SettingsFileError(path, [_in_words(one) for one in error.errors()]) from None
    mistakes = [*_mistakes_in(settings), *_too_open(path, settings)]
    if mistakes:
        raise SettingsFileError(path, mistakes)
    return settings


def _in_words(error: Any) -> str:  # noqa: ANN401  pydantic's own dictionary
    """Say what is wrong with a value, without repeating it: it may be a password."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key"
    if error["type"] == "missing":
        return f"{key}: it has to be given"
    told: str = error["msg"].removeprefix("Value error, ")
    return f"{key}: {told}" if key else told


def _mistakes_in(settings: SiteSettings) -> Iterator[str]:
    if not settings.project.is_absolute():
        yield "project: it has to be a whole path, which begins with /"
    elif not settings.project.is_dir():
        yield (
            f"project: there is no folder {settings.project}. Bring one here: back it up at the "
            "desk, then siteblind project restore"
        )
    try:
        settings.invited()
    except SettingsError as error:
        yield f"invitation_file: {error}"
    except EnrolmentIncompleteError as error:
        yield f"invitation: {error}"
    network = settings.network
    if network.proxy and not _is_proxy(network.proxy):
        yield "network.proxy: it has to be like http://proxy.example:3128"
    if network.authorities is not None and not network.authorities.is_file():
        yield f"network.authorities: there is no file {network.authorities}"


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


def _too_open(path: Path, settings: SiteSettings) -> Iterator[str]:
    """Say which file with a secret in it everybody on this computer can read."""
    if os.name == "nt":  # which has no such bits
        return
    secrets = []
    if settings.invitation is not None or "@" in settings.network.proxy:
        secrets.append(path)
    if settings.invitation_file is not None and settings.invitation_file.is_file():
        secrets.append(settings.invitation_file)
    for secret in secrets:
        if secret.stat().st_mode & stat.S_IROTH:
            yield (
                f"everybody on this computer can read {secret}, and there is an invitation or a "
                f"password in it: chmod o= {secret}"
            )
