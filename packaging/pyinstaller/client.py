"""Where the frozen client begins: ``siteblind`` if called so, ``siteblind-desktop`` otherwise.

One program with two names needs its 60 MB of compiled Python once. Its compute process begins
here, too.
"""

import multiprocessing
import sys
from pathlib import Path

import starting

if __name__ == "__main__":
    multiprocessing.freeze_support()  # the compute process goes no further, and loads no Qt
    starting.give_programs_their_own_libraries()
    if Path(sys.argv[0]).stem == "siteblind":
        from desktop_client.cli import main
    else:
        from desktop_client.gui.app import main

    main()
