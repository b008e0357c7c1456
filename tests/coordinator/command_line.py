"""``siteblind-coordinator`` in the process of a test, and a study.toml to give it."""

from pathlib import Path
from typing import Final

import pytest

from coordinator import cli

STUDY_TOML: Final = """
name = "Moles"
task = "Tell nevus from melanoma"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0001"
name = "nevus"
[[classes]]
class_id = "6a1f2c1e-0a54-4a0e-8b7e-2a6d1d9f0002"
name = "melanoma"
[model]
domain_classifier = "one"
feature_dim = 2
domain_capacity = 8
domains_per_site = 5
[method]
restyle = "none"
gradient_clip = 1e6
[rounds]
count = 3
averaged_rounds = 1
"""


class CommandLine:
    """Runs ``siteblind-coordinator`` in this process on the folder of the live coordinator."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> str:
        """Return what is printed; fails unless the exit code is 0."""
        code, out, err = self.run(*words)
        assert code == 0, err
        return out

    def refused(self, *words: str) -> str:
        """Return the sentence on stderr; fails unless the exit code is 1."""
        code, out, err = self.run(*words)
        assert (code, out) == (1, "")
        assert err.startswith("Error: ")
        assert "Traceback" not in err
        return err.removeprefix("Error: ").strip()

    def run(self, *words: str) -> tuple[int, str, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "sys.argv", ["siteblind-coordinator", "--data-folder", str(self.folder), *words]
            )
            with pytest.raises(SystemExit) as ended:
                cli.main()
        captured = self._capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), captured.out.strip(), captured.err
