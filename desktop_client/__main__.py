"""``python -m desktop_client`` is the command ``siteblind``."""

from desktop_client.cli import main

main()
