# Every target sets up what it needs; a second call finds it and goes straight to work.
# `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := packaging/constraints.txt
FLOWER := build/flower
# One process of tests more than there are cores, since half of their time is waiting for servers and
# sites to start; whoever is done takes over what others have not begun. They share the cores, so each
# computes with one thread.
PARALLEL := --numprocesses $(shell expr $$(nproc) + 1) --dist worksteal
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Containers like to forbid it; but the tests start some thousand processes of ours, and each would
# compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# Without a screen the window is tested offscreen; without a GPU two busy cores must not spin.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: help demo app coordinator test test-all lint bench bench-accuracy package package-test \
        screenshots translations clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

demo: $(VENV)/.site  ## a whole federation on phantom images; table and report in build/demo
	$(BIN)/siteblind demo --output build/demo

app: $(VENV)/.dev $(VENV)/.libraries  ## start the desktop program
	$(BIN)/siteblind-desktop

coordinator: $(VENV)/.site  ## start a coordinator on this machine, its data in build/coordinator
	SITEBLIND_COORDINATOR_DATA_FOLDER=build/coordinator $(BIN)/siteblind-coordinator serve

test: $(VENV)/.dev $(VENV)/.libraries $(VENV)/.test-programs $(FLOWER)/.created  ## run the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest $(PARALLEL)

test-all: $(VENV)/.dev $(VENV)/.libraries $(VENV)/.test-programs $(FLOWER)/.created  ## run the tests, the slow ones too
	OMP_NUM_THREADS=1 $(BIN)/pytest $(PARALLEL) --run-slow

lint: $(VENV)/.dev  ## formatting, style, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(VENV)/.libraries $(VENV)/.test-programs $(FLOWER)/.created  ## measure; figures in build/bench/*.json
	$(BIN)/pytest tests/benchmarks --benchmark-only
	$(BIN)/python -m tests.benchmarks.round_exchange
	$(BIN)/python -m tests.benchmarks.many_sites
	$(BIN)/python -m tests.benchmarks.browsing
	$(BIN)/python -m tests.benchmarks.gui_lateness
	$(BIN)/python -m tests.benchmarks.load
	$(BIN)/python -m tests.benchmarks.load.capacity

screenshots: $(VENV)/.dev $(VENV)/.libraries $(VENV)/.test-programs  ## picture every page, in both themes
	for theme in light dark; do \
	    xvfb-run -a $(BIN)/python -m tests.ui.screenshots build/screenshots/$$theme --theme $$theme; \
	    xvfb-run -a $(BIN)/python -m tests.ui.screenshots_projects build/screenshots/$$theme \
	        --theme $$theme; done
	$(BIN)/python -m tests.coordinator.dashboard.screenshots build/screenshots/dashboard

# Lists the window's texts that have no German yet and writes them to build/untranslated.json. Fill in
# the German there ("English": "German"; keep each {0} and the & of menus), and then, to take it over:
#     make translations FILL=build/untranslated.json
translations: $(VENV)/.dev $(VENV)/.libraries  ## bring the German texts up to date
	$(BIN)/python -m tests.ui.translations $(if $(FILL),--fill $(FILL))

bench-accuracy: $(VENV)/.dev  ## the method on real images, some hours; goes on where it stopped
	$(BIN)/python -m tests.benchmarks.accuracy

clean:  ## remove what was built, but not .venv
	rm -rf build dist

include packaging/package.mk

# --- set-up -------------------------------------------------------------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory -s debian-venv
	$(PYTHON) -m venv $(VENV)
	touch $@

# The demo and the coordinator need neither Qt nor the tools of developers.
$(VENV)/.site: $(VENV)/.created pyproject.toml $(CONSTRAINTS)
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[coordinator,site]'
	touch $@

$(VENV)/.dev: $(VENV)/.created pyproject.toml $(CONSTRAINTS)
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev]'
	touch $@ $(VENV)/.site

# Flower wants other versions of some of what we use. They are installed in an environment of their own,
# behind which lies the developers': torch and most of the others are there once.
$(FLOWER)/.created: $(VENV)/.dev packaging/flower.txt
	rm -rf $(FLOWER)
	$(PYTHON) -m venv --without-pip $(FLOWER)
	behind=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	    echo "import site; site.addsitedir('$$behind')" \
	    > "$$($(FLOWER)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/behind.pth"
	$(BIN)/pip --python $(FLOWER)/bin/python install --quiet --no-deps --requirement packaging/flower.txt
	touch $@

# Qt loads these from the system; a bare Debian lacks them, and then only root can add them.
QT_PACKAGES := libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb1 libdrm2 \
               libwayland-client0 libwayland-cursor0 fontconfig fonts-dejavu-core \
               xvfb xauth libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 \
               libxcb-image0 libxcb-render-util0 libxcb-shape0 libgssapi-krb5-2

$(VENV)/.libraries: $(VENV)/.created
	@$(call install_missing,$(QT_PACKAGES))
	touch $@

# What the tests drive is real: a browser, a database, systemd, a compiler for what makes disks fail;
# and what installers are checked and made with.
TEST_PACKAGES := chromium gcc libc6-dev nginx openssl postgresql systemd binutils \
                 desktop-file-utils nsis shellcheck

$(VENV)/.test-programs: $(VENV)/.created
	@$(call install_missing,$(TEST_PACKAGES))
	touch $@

.PHONY: debian-venv
debian-venv:
	@$(call install_missing,python3.11-venv)

define install_missing
missing=; for name in $(1); do \
    dpkg-query -W -f '$${db:Status-Status}' $$name 2>/dev/null | grep -qx installed \
        || missing="$$missing $$name"; done; \
if [ -n "$$missing" ]; then \
    if ! command -v apt-get >/dev/null; then \
        echo "Not a Debian system: please see to the equivalent of$$missing" >&2; \
    elif [ "$$(id -u)" != 0 ]; then \
        echo "Please install, as root: apt-get install$$missing" >&2; exit 1; \
    else \
        apt-get -qq update; \
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
            $$missing >/dev/null; \
    fi; fi
endef
