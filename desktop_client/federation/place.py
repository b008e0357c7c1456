"""By what a coordinator tells this computer and project from a copy of it elsewhere.

Nothing can be learnt from it: without the credential it is a random number, and it is another one
for each credential. Never loads torch.
"""

import hashlib
import hmac
import platform
import plistlib
import subprocess
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError

from desktop_client.paths import Home

_MACHINE_ID: Final = Path("/etc/machine-id")
_IOREG: Final = ("/usr/sbin/ioreg", "-a", "-rd1", "-c", "IOPlatformExpertDevice")
_IOREG_S: Final = 5.0


def place_of(home: Home, credential: str) -> str:
    """Return 128 bits in hexadecimal: the same for as long as the project stays where it is."""
    words = "\0".join((*_computer(), str(home.path.resolve())))
    said = words.encode(errors="surrogateescape")  # a folder's name can hold any bytes
    return hmac.new(credential.encode(), said, hashlib.sha256).hexdigest()[:32]


def _computer() -> tuple[str, ...]:
    """Return the system's own number of this computer, with its name; else a network adapter's.

    Adapters come and go with docking stations and private networks, and the next start of a laptop
    would count as another computer. On macOS so would each network that names it anew, so that
    the number does without the name there.
    """
    with suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "darwin":
            if number := platform_uuid_in(subprocess.check_output(_IOREG, timeout=_IOREG_S)):  # noqa: S603  our own words
                return (number,)
        elif sys.platform == "win32":
            return _of_windows(), platform.node()
        else:
            number = _MACHINE_ID.read_text(encoding="ascii", errors="replace").strip()
            return number, platform.node()
    return str(uuid.getnode()), platform.node()


def platform_uuid_in(told: bytes) -> str:
    """Return the number of a Mac from what ``ioreg -a`` tells of it; nothing if it is not there.

    It is that of the hardware report in the system's information, and outlasts the system.
    """
    try:
        found = plistlib.loads(told)
    except (ValueError, ExpatError):  # the former as InvalidFileException
        return ""
    entry = found[0] if isinstance(found, list) and found else None
    number = entry.get("IOPlatformUUID") if isinstance(entry, dict) else None
    return number if isinstance(number, str) else ""


def _of_windows() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    path = r"SOFTWARE\Microsoft\Cryptography"
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, access=access) as key:
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])
