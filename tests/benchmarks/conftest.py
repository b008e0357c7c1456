"""Benchmarks measure; they run by ``make bench`` only and are no part of the tests."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--benchmark-only"):
        return
    ours = [item for item in items if item.path.is_relative_to(__file__.rpartition("/")[0])]
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]
