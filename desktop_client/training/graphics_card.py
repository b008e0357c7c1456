"""Whether this computer seems to have a graphics card that could train; loads no torch.

For suggestions only: what can really be used, PyTorch says when it begins.
"""

import os
import platform
import sys
from pathlib import Path


def has_graphics_card() -> bool:
    """Look for NVIDIA's driver, or for a Mac whose processor holds the graphics card."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32/nvcuda.dll").exists()
    return any(Path("/proc/driver/nvidia/gpus").glob("*"))
