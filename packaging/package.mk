# Installers; included by the Makefile. packaging/README.md says what they do where they are installed.
#
#   make package                 the desktop program for processors, and the coordinator
#   make package EDITION=gpu     the desktop program with CUDA: 25 GB of disk
#   make package VERSION=0.1.1   installers of another number, for trying an upgrade

EDITION ?= cpu
VERSION ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
PACKAGE := build/package
INSTALLERS := $(PACKAGE)/installers
DESKTOP := $(PACKAGE)/$(EDITION)/siteblind
COORDINATOR := $(PACKAGE)/coordinator/siteblind-coordinator
SUFFIX := $(if $(filter gpu,$(EDITION)),-gpu)
SOURCES := pyproject.toml $(shell git ls-files coordinator desktop_client resources \
               packaging/pyinstaller packaging/licences) \
           $(filter-out %/debian.py,$(wildcard packaging/installers/*.py))

DESKTOP_DEB := $(INSTALLERS)/siteblind$(SUFFIX)_$(VERSION)_amd64.deb
DESKTOP_RUN := $(INSTALLERS)/siteblind$(SUFFIX)_$(VERSION)_amd64.run
COORDINATOR_DEB := $(INSTALLERS)/siteblind-coordinator_$(VERSION)_amd64.deb

package: $(DESKTOP_DEB) $(DESKTOP_RUN) $(COORDINATOR_DEB)  ## build the installers, in build/package/installers
	@ls -l $(INSTALLERS)

package-test: package $(VENV)/.dev $(VENV)/.libraries $(PACKAGE)/.test-tools  ## install them here as root, use, upgrade and remove them
	$(BIN)/pytest --run-slow tests/packaging
	PYTHONPATH=.:packaging xvfb-run -a $(BIN)/python -m tests.packaging.trial $(INSTALLERS) $(VERSION)

deb = PYTHONPATH=packaging $(PYTHON) -m installers.debian $(1) $(2) $(INSTALLERS) $(VERSION)

$(DESKTOP_DEB): $(DESKTOP).frozen packaging/installers/debian.py $(wildcard packaging/linux/desktop/*)
	$(call deb,desktop$(SUFFIX),$(DESKTOP))

$(DESKTOP_RUN): $(DESKTOP).frozen $(wildcard packaging/linux/run/*)
	mkdir -p $(@D)
	packaging/linux/run/build.sh $(DESKTOP) $(VERSION) $@

$(COORDINATOR_DEB): $(COORDINATOR).frozen packaging/installers/debian.py \
                    $(wildcard packaging/linux/coordinator/* packaging/coordinator/*)
	$(call deb,coordinator,$(COORDINATOR))

$(DESKTOP).frozen: $(PACKAGE)/venv-$(EDITION)/.created $(SOURCES) $(PACKAGE)/.tools
	$(call freeze,venv-$(EDITION),desktop)

$(COORDINATOR).frozen: $(PACKAGE)/venv-coordinator/.created $(SOURCES) $(PACKAGE)/.tools
	$(call freeze,venv-coordinator,coordinator)

# What is frozen is the project as it would be installed; pip would put stale modules of build/lib in.
freeze = rm -rf build/lib && \
    $(PACKAGE)/$(1)/bin/pip install --quiet --force-reinstall --no-deps . && \
    $(PACKAGE)/$(1)/bin/pyinstaller --noconfirm --log-level ERROR --workpath $(PACKAGE)/work-$(1) \
        --distpath $(@D) packaging/pyinstaller/$(2).spec && \
    PYTHONPATH=packaging $(PACKAGE)/$(1)/bin/python -m installers.finish $(2) $(basename $@) && touch $@

# Each in an environment that has nothing but what is shipped, and PyInstaller.
PLAIN := $(PACKAGE)/constraints.txt
TORCH_INDEX := https://download.pytorch.org/whl/cpu

$(PACKAGE)/venv-cpu/.created: $(PLAIN) pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --constraint $(PLAIN) --constraint packaging/cpu.txt torch \
	    || $(@D)/bin/pip install --quiet --constraint $(PLAIN) --constraint packaging/cpu.txt torch \
	        --extra-index-url $(TORCH_INDEX)
	$(@D)/bin/pip install --quiet --constraint packaging/cpu.txt --no-deps torchvision
	$(@D)/bin/pip install --quiet --constraint $(PLAIN) '.[desktop]' --requirement packaging/pyinstaller/requirements.txt
	touch $@

$(PACKAGE)/venv-gpu/.created: packaging/constraints.txt pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --constraint packaging/constraints.txt '.[desktop]' \
	    --requirement packaging/pyinstaller/requirements.txt
	touch $@

$(PACKAGE)/venv-coordinator/.created: packaging/constraints.txt pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --constraint packaging/constraints.txt '.[coordinator,postgresql,s3]' \
	    --requirement packaging/pyinstaller/requirements.txt
	touch $@

# The tested versions of everything but PyTorch.
$(PLAIN): packaging/constraints.txt packaging/cpu.txt
	mkdir -p $(@D)
	grep -vE '^(torch|torchvision|triton|cuda-.*|nvidia-.*)==' packaging/constraints.txt > $@

# Where a package's libraries come from is asked of dpkg, so that they have to be installed here.
$(PACKAGE)/.tools: $(VENV)/.created $(VENV)/.libraries
	@$(call install_missing,binutils libpython3.11 makeself zstd)
	mkdir -p $(@D) && touch $@

$(PACKAGE)/.test-tools: $(VENV)/.created
	@$(call install_missing,appstream nsis osslsigncode systemd wine64 xdotool)
	touch $@
