"""By what a coordinator tells this computer and project from a copy of it elsewhere.

Nothing can be learnt from it: without the credential it is a random number, and it is another one
for each credential. Never loads torch.
"""

import hashlib
import hmac
import platform
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from desktop_client.paths import Home

_MACHINE_ID: Final = Path("/etc/machine-id")


def place_of(home: Home, credential: str) -> str:
    """Return 128 bits in hexadecimal: the same for as long as the project stays where it is."""
    words = "\0".join((_machine(), platform.node(), str(home.path.resolve())))
    said = words.encode(errors="surrogateescape")  # a folder's name can hold any bytes
    return hmac.new(credential.encode(), said, hashlib.sha256).hexdigest()[:32]


def _machine() -> str:
    """Return the system's own number of this computer; where it has none, a network adapter's.

    Adapters come and go with docking stations and private networks, and the next start of a laptop
    would count as another computer.
    """
    with suppress(OSError):
        if sys.platform == "win32":
            return _of_windows()
        return _MACHINE_ID.read_text(encoding="ascii", errors="replace").strip()
    return str(uuid.getnode())


def _of_windows() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    path = r"SOFTWARE\Microsoft\Cryptography"
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, access=access) as key:
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])
