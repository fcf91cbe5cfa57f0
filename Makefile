# The two commands: `make rehearse` runs the main job, `make test` runs the tests. Each sets itself up first.
SHELL := /bin/sh
PLATFORM ?= examples/hello
VENV := .venv
STAMP := $(VENV)/.ready
BIN := $(VENV)/bin

.PHONY: help rehearse test check setup lock clean benchmarks recording docs vectors mutants cases witness
.DEFAULT_GOAL := help

help:
	@echo "make rehearse [PLATFORM=examples/hello] [ONLY=service]   rehearse a platform on this machine"
	@echo "make test                                              run the tests"
	@echo "make check                                             lint, types, layers, templates"
	@echo "make benchmarks                                        measure, as ratios in one run"
	@echo "make vectors FILE=requests.jsonl                       decide requests, compare with expected results"
	@echo "make witness                                           ask another emulator the same, compare the answers"
	@echo "make mutants                                           break policies, count what the proof notices"
	@echo "make cases FOLDER=checkouts LIST=cases.tsv             try public templates, renew docs/cases"
	@echo "make lock                                              renew requirements/*.txt"

rehearse: $(STAMP)
	@$(BIN)/crossdock rehearse $(PLATFORM) $(if $(ONLY),--only $(ONLY))

test: $(STAMP)
	@$(BIN)/python -m pytest

check: $(STAMP)
	@$(BIN)/ruff check src tests scripts benchmarks examples
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/cfn-lint -c I -- $$(find src/crossdock/library -name '*.yaml')

# Each prints ratios against a baseline measured in the same run; some need a package index at the first run.
benchmarks: $(STAMP)
	@$(BIN)/python benchmarks

# docs/recording.{cast,svg}: a real rehearsal, recorded. pyte (LGPL, a terminal emulator) is used here alone.
recording: $(STAMP)
	@test -x build/recorder/bin/python || $(BIN)/python -m venv build/recorder
	@build/recorder/bin/python -m pip install --quiet --disable-pip-version-check pyte==0.8.2
	@build/recorder/bin/python scripts/record.py crossdock rehearse $(PLATFORM)

# Pages made from the code; tests compare them.
docs: $(STAMP)
	@$(BIN)/crossdock local coverage --markdown > docs/coverage.md
	@$(BIN)/crossdock library list --markdown > docs/library.md
	@$(BIN)/python scripts/third_party.py
	@$(BIN)/python scripts/schemas.py

# What the policy engine decides of FILE's requests against the results that stand there.
vectors: $(STAMP)
	@$(BIN)/python scripts/vectors.py $(FILE)

# How much the proof sees: policies broken in every way of a list. SAMPLE=20 for a quick look.
mutants: $(STAMP)
	@$(BIN)/python scripts/mutants.py $(if $(SAMPLE),--sample $(SAMPLE))

# Another emulator is asked what ours is asked, in an environment of its own; differences must be explained in
# tests/witness/differences.yaml. RECORD=1 keeps the answers and writes docs/witness.md.
witness: $(STAMP)
	@$(BIN)/python scripts/witness.py $(if $(RECORD),--record)

# Templates that others wrote, tried in local AWSs of their own: KIND=sam ONLY=name for a part. It runs their code.
cases: $(STAMP)
	@$(BIN)/python scripts/cases.py $(FOLDER) --list $(LIST) $(if $(KIND),--kind $(KIND)) $(if $(ONLY),--only $(ONLY)) \
		--json docs/cases/results.json --page docs/cases/README.md

setup: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV)

lock: $(STAMP)
	@sh scripts/lock.sh $(VENV)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
