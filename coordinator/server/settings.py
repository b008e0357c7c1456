"""How this coordinator runs on its machine: from the environment and a TOML file, in that order."""

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from coordinator.errors import SettingsInvalidError
from coordinator.server.patience import Tolerance
from coordinator.server.rate_limits import Allowance
from coordinator.storage.object_place import ObjectPlace, place_of


class Settings(BaseSettings):
    """Every setting; ``SITEBLIND_COORDINATOR_PORT=443`` and the like go before the file."""

    model_config = SettingsConfigDict(
        env_prefix="SITEBLIND_COORDINATOR_", extra="forbid", frozen=True
    )

    data_folder: Path = Field(default_factory=lambda: Path.home() / "siteblind-coordinator")
    """Database, parameter files and arriving bodies."""
    database_url: str | None = None
    """An SQLAlchemy URL; an SQLite file in the data folder if not given."""
    object_store: str | None = None
    """Where parameter files are kept, like ``s3://bucket/prefix``; the data folder if not given."""
    object_store_endpoint: str | None = None
    """Address of the store, like ``https://minio.example.org``; Amazon's if not given."""
    object_store_region: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8470
    """0 takes any free one."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    """A proxy on the way speaks TLS, and names who asks in X-Forwarded-For."""
    proposal_limit_bytes: Annotated[int, Field(gt=0)] = 512_000_000
    """Largest initial parameters that a site may propose; ResNet-18 has 45 million bytes."""
    free_space_bytes: Annotated[int, Field(ge=0)] = 1_000_000_000
    """With less left on the data folder's disk, ``/readyz`` raises the alarm."""
    requests_per_minute: Annotated[int, Field(gt=0)] = 1_200
    """Of one credential; a site that polls every 5 s asks 12 times."""
    requests_per_minute_per_address: Annotated[int, Field(gt=0)] = 60_000
    """A thousand sites may ask through one address, each once a second."""
    failures_per_minute_per_address: Annotated[int, Field(gt=0)] = 60
    """Wrong credentials and codes; those whose credential is right go on meanwhile."""
    coordinators: Annotated[int, Field(gt=0)] = 1
    """Processes that share the sites of one database: each allows an address its share."""
    connections: Annotated[int, Field(gt=0)] = 4_000
    """Lines that are open at the same time; what is asked on more of them is answered by 503."""
    patience_s: Annotated[float, Field(gt=0)] = 60
    """A line on which nothing moves for so long is cut; those to database and store, too."""
    slowest_bytes_per_s: Annotated[float, Field(gt=0)] = 1_000
    """A line that is slower for longer than ``patience_s`` is cut."""
    public_address: str | None = None
    """Where sites find the coordinator, such as ``https://study.example.org``; in invitations."""
    public_certificate: Path | None = None
    """What sites are shown where a proxy speaks TLS; its fingerprint goes into invitations."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses and networks whose X-Forwarded-For is believed behind a proxy, with commas."""
    stop_within_s: Annotated[int, Field(ge=0)] = 10
    """How long open requests may take after the server was told to stop; uploads resume later."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    """One JSON object per line is for programs that collect logs."""

    @field_validator("data_folder")
    @classmethod
    def _folder_is_absolute(cls, folder: Path) -> Path:
        """Make its path one that means the same everywhere, and is told from other words."""
        return folder.absolute()

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key are only of use together; set both")
        for path in (self.tls_certificate, self.tls_key):
            if path is not None and not path.is_file():
                raise ValueError(f"{path} is not a file; correct tls_certificate or tls_key")
        return self

    @model_validator(mode="after")
    def _object_store_is_named(self) -> Self:
        if self.object_store is None:
            if self.object_store_endpoint is not None or self.object_store_region is not None:
                raise ValueError(
                    "object_store_endpoint is of no use without object_store; set both"
                )
        else:
            place_of(self.object_store)
        return self

    @field_validator("object_store_endpoint")
    @classmethod
    def _endpoint_is_an_address(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and not re.fullmatch(r"https?://[^/\s@?#]+/?", endpoint):
            raise ValueError("write it like https://minio.example.org:9000")
        return endpoint

    @field_validator("public_address")
    @classmethod
    def _address_is_whole(cls, address: str | None) -> str | None:
        if address is None:
            return None
        address = address.strip().rstrip("/")
        if not re.fullmatch(r"https?://[^/\s@?#]+", address):
            raise ValueError("write it like https://study.example.org, with nothing behind it")
        return address

    @property
    def allowance(self) -> Allowance:
        """How often sites and owners may ask this process."""
        return Allowance(
            per_credential=self.requests_per_minute,
            per_address=self.requests_per_minute_per_address,
            failures_per_address=self.failures_per_minute_per_address,
        ).share_of(self.coordinators)

    @property
    def tolerance(self) -> Tolerance:
        """How slow their lines may be."""
        return Tolerance(self.patience_s, self.slowest_bytes_per_s)

    @property
    def objects_at(self) -> ObjectPlace | None:
        """The object store of parameter files; None where they lie in the data folder."""
        if self.object_store is None:
            return None
        return place_of(
            self.object_store,
            self.object_store_endpoint,
            self.object_store_region,
            self.patience_s,
        )

    @property
    def invited_to(self) -> str | None:
        """The address in invitations; None where nobody has said it."""
        if self.public_address is not None or not self.is_loopback or self.port == 0:
            return self.public_address
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.tls_certificate is None else 'https'}://{host}:{self.port}"

    @property
    def shown_certificate(self) -> Path | None:
        """The file with the certificate that sites are shown, if it is known."""
        return self.public_certificate or self.tls_certificate

    @property
    def arriving_path(self) -> Path:
        """Where bodies lie while they arrive."""
        return self.data_folder / "arriving"

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what was given first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(
    toml_path: Path | None = None,
    **given: Any,  # noqa: ANN401  pydantic checks each against its field
) -> Settings:
    """Read the settings.

    Args:
        toml_path: A file with settings, if there is one.
        given: Settings that go before environment and file; None counts as not given.

    Raises:
        SettingsInvalidError: naming the setting and what is wrong with it.
    """
    if toml_path is not None and not toml_path.is_file():
        raise SettingsInvalidError(
            f"The settings file {toml_path} does not exist; name another with --settings"
        )

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=toml_path)

    try:
        return FromFile(**{key: value for key, value in given.items() if value is not None})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalidError(f"{toml_path} is not valid TOML: {error}") from error
    except OSError as error:
        raise SettingsInvalidError(f"{toml_path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsInvalidError(f"Setting {key}: {reason}" if key else reason) from error
