# Two commands on a fresh machine: `make demo` and `make test`. Python (3.11 or newer) and make are all they need;
# PostgreSQL and Redis come from wheels unless DATABASE_URL and REDIS_URL name real ones.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
READY_TO_BENCH := $(VENV)/.ready-to-bench
# What Django reads of the translations; compiled here, for a fresh machine has no GNU gettext.
WORDS := qinqing/locale/zh_Hans/LC_MESSAGES/django

COMPANIES ?= 2000
SEED ?= 1
RUNS ?= 10
REPORT ?= campaign.json
FAULTS_REPORT ?= faults.json
LINES ?= 600000
SIZES_REPORT ?= exports.json
BENCH_REPORT ?= bench.json
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow lint campaign faults drill sizes bench bench-smoke bench-readme lock

help:
	@echo "make demo                    the whole product on this machine, with a synthetic city"
	@echo "make test                    all tests but the slow ones, the same each time (TESTS=tests/unit for some of them)"
	@echo "make test-slow               those that start the whole product, and a search for new examples of each property"
	@echo "make lint                    style, templates, types and the direction of imports"
	@echo "make campaign COMPANIES=2000 the main job end to end, with its report (EMPLOYEES=, VARIANTS=no, SEED=, REPORT=)"
	@echo "make faults RUNS=100         payouts while everything breaks, with its report (SEED= plays a run again)"
	@echo "make drill                   attacks on the money, one by one, with a report as JSON (URL= of a demo that runs)"
	@echo "make sizes                   the largest batch files in every layout: time and memory (LINES=600000)"
	@echo "make bench                   how fast, beside others in the same run (PART=match, BENCH_COMPANIES=, BENCH_BULK=, BENCH_REPORT=)"
	@echo "make bench-smoke             the same, small: for its shape, not for time"
	@echo "make bench-readme            write what was measured (qinqing/docs/bench) into README.md"
	@echo "make lock                    write requirements.txt and requirements-bench.txt anew from pyproject.toml"

setup: $(READY) $(WORDS).mo

$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Qinqing needs Python 3.11 or newer; name one with PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt
	@touch $(READY)

$(WORDS).mo: $(WORDS).po | $(READY)
	@$(RUN) manage.py messages --compile
	@touch $@

demo: setup
	@$(RUN) manage.py demo

# What takes longer than a moment by itself, as starting the whole product, has a lane of its own.
test: setup
	@$(RUN) -m pytest -n 2 --dist worksteal -m "not slow" $(TESTS)

test-slow: setup
	@$(RUN) -m pytest -n 2 --dist loadfile -m slow $(TESTS)
	@$(RUN) -m pytest -n 2 --dist worksteal -m hypothesis --hypothesis-profile=search $(TESTS)

lint: setup
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(VENV)/bin/djangofmt check --quiet qinqing/templates
	$(RUN) -m qinqing.services $(RUN) -m mypy .
	$(VENV)/bin/lint-imports

campaign: setup
	@$(RUN) manage.py campaign --companies $(COMPANIES) $(if $(EMPLOYEES),--employees $(EMPLOYEES)) \
		$(if $(filter no,$(VARIANTS)),--no-variants) --seed $(SEED) --report "$(REPORT)"

faults: setup
	@$(RUN) -m tests.faults --runs $(RUNS) --seed $(SEED) --report $(FAULTS_REPORT)

drill: setup
	@$(RUN) -m tests.drill $(if $(URL),--url $(URL))

$(READY_TO_BENCH): requirements-bench.txt $(READY)
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-bench.txt
	@touch $@

sizes: setup
	@$(RUN) -m tests.sizes --lines $(LINES) --report "$(SIZES_REPORT)"

bench: setup $(READY_TO_BENCH)
	@$(RUN) -m tests.benchmarks $(PART) $(if $(BENCH_COMPANIES),--companies $(BENCH_COMPANIES)) --report $(BENCH_REPORT)

bench-smoke: setup $(READY_TO_BENCH)
	@$(RUN) -m tests.benchmarks $(PART) --smoke --report $(BENCH_REPORT)

bench-readme: setup
	@$(RUN) -m tests.benchmarks.readme

lock: setup
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: uv
	$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --group pyproject.toml:dev pyproject.toml -o requirements.txt
	$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --constraints requirements.txt --group pyproject.toml:bench \
		-o requirements-bench.txt
