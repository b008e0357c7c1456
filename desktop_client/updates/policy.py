"""Whether this computer looks for newer versions, and where: what its IT department says.

They say it in a file of the computer's, or in the environment; without an address nobody is asked.
"""

import logging
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

logger = logging.getLogger(__name__)

CHECK_VARIABLE: Final = "SITEBLIND_UPDATES_CHECK"
ADDRESS_VARIABLE: Final = "SITEBLIND_UPDATES_ADDRESS"


def https_only(address: str) -> str:
    """Return an address if it is a whole one of HTTPS without a password in it.

    Raises:
        ValueError: if it is not.
    """
    parts = urlsplit(address)
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if parts.scheme != "https" or not parts.hostname or parts.username or not is_plain:
        raise ValueError("it has to be an address like https://software.example.org/siteblind.json")
    return address


class UpdatePolicy(BaseModel):
    """What holds for everybody on this computer; wrong words are refused, not guessed at."""

    # An address may hold a password, and the log tells what is wrong.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    check: Literal["off", "choice", "on"] = "choice"
    """Never, if the person wants it, or always."""
    address: Annotated[str, AfterValidator(https_only)] | Literal[""] = ""
    """Of the announcement of the newest version."""

    @property
    def is_possible(self) -> bool:
        """Whether anybody may ever be asked."""
        return self.check != "off" and self.address != ""

    @property
    def host(self) -> str:
        """Who is asked."""
        return urlsplit(self.address).hostname or ""

    def is_on(self, *, is_wanted: bool) -> bool:
        """Return whether to look each day, given what the person wants."""
        return self.is_possible and (self.check == "on" or is_wanted)


OFF: Final = UpdatePolicy(check="off")


def machine_settings_path() -> Path:
    """Return the file with what holds for everybody on this computer; there may be none."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "SiteBlind/desktop.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/SiteBlind/desktop.toml")
    return Path("/etc/siteblind/desktop.toml")


def load_policy(
    path: Path | None = None, environment: Mapping[str, str] = os.environ
) -> UpdatePolicy:
    """Read the policy; where the file is silent, the environment counts.

    If anything in them is wrong, nobody is asked, and the log says why.
    """
    path = path or machine_settings_path()
    variables = {"check": CHECK_VARIABLE, "address": ADDRESS_VARIABLE}
    told = {key: environment[name] for key, name in variables.items() if name in environment}
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        section = file.get("updates", {})
        return UpdatePolicy.model_validate(told | section if isinstance(section, dict) else section)
    except (OSError, ValueError) as error:
        logger.warning("No newer versions are looked for, since %s is wrong: %s", path, error)
        return OFF
