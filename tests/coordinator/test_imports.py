import subprocess
import sys

BLOCK_AND_IMPORT = """
import importlib, importlib.abc, pkgutil, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "PySide6", "desktop_client"}:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import coordinator
for module in pkgutil.walk_packages(coordinator.__path__, "coordinator."):
    # Alembic itself runs these two, inside a migration.
    if not module.name.endswith((".env", ".__main__")):
        importlib.import_module(module.name)
"""


def test_coordinator_needs_neither_torch_nor_qt_nor_the_client() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK_AND_IMPORT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


PURE = """
import sys
import coordinator.protocol, coordinator.parameters
import coordinator.method.averaging, coordinator.method.selection
heavy = {"fastapi", "sqlalchemy", "alembic", "uvicorn"} & sys.modules.keys()
sys.exit(f"loaded {heavy}" if heavy else 0)
"""


def test_what_both_programs_share_loads_no_server() -> None:
    done = subprocess.run([sys.executable, "-c", PURE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


COMMANDS = """
import sys
import coordinator.cli
heavy = {"fastapi", "uvicorn", "jinja2"} & sys.modules.keys()
sys.exit(f"loaded {heavy}" if heavy else 0)
"""


def test_commands_that_do_not_serve_load_no_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
