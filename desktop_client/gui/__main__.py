"""``python -m desktop_client.gui`` is the command ``siteblind-desktop``."""

from desktop_client.gui.app import main

if __name__ == "__main__":  # the compute process imports this module under another name
    main()
