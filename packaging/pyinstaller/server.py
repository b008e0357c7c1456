"""Where the frozen ``siteblind-coordinator`` begins."""

import starting

if __name__ == "__main__":
    starting.give_programs_their_own_libraries()
    from coordinator.cli import main

    main()
