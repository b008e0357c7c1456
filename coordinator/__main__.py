"""``python -m coordinator`` is ``siteblind-coordinator``."""

from coordinator.cli import main

main()
