"""Groups of the commands of ``siteblind``."""
