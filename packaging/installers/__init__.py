"""How installers are made; run by ``make package``, never part of the programs."""
