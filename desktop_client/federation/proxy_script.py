"""Whether this system finds its proxy by a script (PAC), which this program does not read.

Asked are the settings of Windows, macOS, GNOME and KDE. Never loads torch.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

UNKNOWN_PLACE: Final = "WPAD"
"""Said of a script whose place the network tells."""
UNREADABLE: Final = "an unreadable address"
"""Said of a place that is no address."""
PATIENCE_S: Final = 5.0

_GNOME: Final = "org.gnome.system.proxy"
_KDE_BY_SCRIPT, _KDE_BY_WPAD = "2", "3"
_MAC: Final = re.compile(r"ProxyAutoConfigURLString : (\S+)")


def proxy_script() -> str:
    """Return where the script is, without a password in it; empty if the system has none."""
    if sys.platform == "win32":
        found = _of_windows()
    elif sys.platform == "darwin":
        found = _of_mac()
    else:
        found = _of_gnome() or _of_kde()
    return _without_secrets(found)


def _of_gnome() -> str:
    if _said("gsettings", "get", _GNOME, "mode").strip("'") != "auto":
        return ""
    return _said("gsettings", "get", _GNOME, "autoconfig-url").strip("'") or UNKNOWN_PLACE


def _of_kde() -> str:
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        settings.read(folder / "kioslaverc", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ""
    kind = settings.get("Proxy Settings", "ProxyType", fallback="")
    if kind == _KDE_BY_WPAD:
        return UNKNOWN_PLACE
    script = settings.get("Proxy Settings", "Proxy Config Script", fallback="")
    return script if kind == _KDE_BY_SCRIPT else ""


def _of_mac() -> str:
    found = _MAC.search(_said("scutil", "--proxy"))
    return found[1] if found else ""


def _of_windows() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
            return str(winreg.QueryValueEx(key, "AutoConfigURL")[0])
    except OSError:
        return ""


def _said(program: str, *words: str) -> str:
    """Return what a program of the system prints; nothing if there is none, or it fails."""
    found = shutil.which(program)
    if found is None:
        return ""
    try:
        return subprocess.run(  # noqa: S603  one of the two above
            [found, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _without_secrets(place: str) -> str:
    try:
        parts = urlsplit(place)
    except ValueError:  # what is wrong with it is nothing to show: a password may be in it
        return UNREADABLE
    if not parts.scheme:
        return place
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
