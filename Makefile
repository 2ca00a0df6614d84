# Everything a newcomer types. `make` alone lists the targets. Needs git, make and python3 (3.11 or newer) with venv.

VENV := .venv
INSTALLED := $(VENV)/.installed
RUN := $(VENV)/bin
WORKERS ?= 2
DATABASE ?= postgresql
PIP_TOOLS := pip-tools==7.6.2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test contract bench night mutants lint lock debian-parts clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(INSTALLED) ## Make .venv with the `registrar` command in it (quick when nothing changed)

# What is installed is exactly what the lock names, by hash; the project itself is linked in place.
$(INSTALLED): requirements.lock pyproject.toml
	@python=$$(for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done); \
	test -n "$$python" || { echo "Python 3.11 or newer is needed, and no python3 here is (on Debian 12: apt-get install python3 python3-venv)." >&2; exit 1; }; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$python has no venv (on Debian: apt-get install python3-venv)." >&2; exit 1; }; \
	"$$python" -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements.lock
	$(RUN)/pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	$(RUN)/pip check --disable-pip-version-check
	@touch $@

demo: setup ## Watch orders go out over real sockets, fail, be credited and be found again (STAY=1: stay up)
	@STAY=$(STAY) $(RUN)/registrar demo

# Half of the time it waits for sockets, disks and other processes: half as many processes again as cores are not too many.
# The longest tests stand together, so who is done takes over what others have not begun.
test: setup debian-parts lint ## Lint, types, import contracts and every test
	$(RUN)/pytest -n $$((3 * $(WORKERS) / 2)) --dist=worksteal

# It mostly waits for sockets: twice as many processes are not too many.
contract: setup ## Try every registrar's adapter against its sandbox; ends with the matrix of promises
	$(RUN)/pytest -n $$((2 * $(WORKERS))) -q -rfE tests/contract

bench: setup ## Measure ratios: a frozen registrar beside the others, the rate limit, the EPP pool, the sync (BENCH=names, DATABASE=sqlite)
	$(RUN)/python -m tests.benchmarks --database $(DATABASE) $(BENCH)

# Half an hour or more; a small one of each is in `make test`. Shorter: NIGHT="--names 10000 truth", or DATABASE=sqlite.
night: setup ## Go through long nights: 100,000 names among liars, and 1,000,000 with the sync killed half-way
	$(RUN)/python -m tests.night --database $(DATABASE) $(NIGHT)

# Two thousand mutants, 4 to 11 minutes on two cores, so not part of `make test`; each time from the beginning, for what
# mutmut keeps does not see that a test changed. Survivors need a test, or a reason in tests/mutants.txt.
mutants: setup ## Break the agreement's rules and the ledger in every small way, and see that the tests notice
	rm -rf mutants
	$(RUN)/mutmut run --max-children $(WORKERS)
	$(RUN)/python -m tests.mutants

lint: setup ## What is checked without running anything
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-cache --no-logo

# Two kinds of test want what only Debian packages: an EPP client of other authors renews at our sandbox, and a browser shows
# the letters to customers. Without them those tests are skipped.
debian-parts:
	@perl -MNet::EPP::Client -e 1 2>/dev/null && command -v chromium >/dev/null \
	|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && { \
	  export DEBIAN_FRONTEND=noninteractive; \
	  timeout 300 sh -c 'apt-get update && apt-get install --yes --no-install-recommends libnet-epp-perl chromium' </dev/null >/dev/null 2>&1; }; } \
	|| echo "Debian's libnet-epp-perl and chromium are not here and could not be installed: the tests with them will be skipped."

# The lock keeps the versions it has until they are taken out of it; it names no index and no machine. Run this under the
# oldest Python that is supported (Debian 12's 3.11.2): newer ones leave out what only older ones need.
lock: setup ## Write requirements.lock anew after pyproject.toml changed
	@test -x $(VENV)/lock/bin/pip-compile || { $(RUN)/python -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet '$(PIP_TOOLS)'; }
	$(VENV)/lock/bin/pip-compile --quiet --generate-hashes --all-extras --build-deps-for=editable --strip-extras --allow-unsafe \
	  --no-header --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-config \
	  --output-file=requirements.lock pyproject.toml

clean: ## Take away what was made here
	rm -rf $(VENV) var dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
