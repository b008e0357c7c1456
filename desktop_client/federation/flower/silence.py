"""Nothing about a hospital's computers goes to the makers of Flower and Ray.

Both send usage statistics unless they are told not to, and Flower asks its makers for newer
versions. They read these words when they are first imported, so this module imports neither.
"""

import os
from typing import Final

from desktop_client.errors import FlowerError

SILENT: Final = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Variables of the environment under which neither says anything to anybody."""


def silence() -> None:
    """Keep Flower and Ray, of this process and of those that it starts, from calling home."""
    os.environ.update(SILENT)


def check_silence() -> None:
    """Refuse to work under programs of Flower that were started so that they call home.

    Raises:
        FlowerError: saying how to start them.
    """
    if any(os.environ.get(name) != value for name, value in SILENT.items()):
        raise FlowerError(
            "Flower was started so that it tells its makers about this computer. Start it with "
            "`siteblind flower`, or set "
            + " ".join(f"{name}={value}" for name, value in SILENT.items())
        )
