"""Where benchmarks write their figures, and what machine they were measured on."""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path("build/bench")
_LOAD_AT_START = os.getloadavg()[0]  # later it would be the measurement's own


def write_figures(name: str, figures: Mapping[str, Any]) -> None:
    """Write ``build/bench/<name>.json`` with the machine beside the numbers."""
    machine = {
        "processor": _processor(),
        "core_count": os.cpu_count(),
        "load_before_1_min": round(_LOAD_AT_START, 2),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, **figures}, indent=2)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
