# `make` lists the targets. CI calls nothing but these.

# The only host named in this repository: where PyTorch publishes its CPU builds.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
export TORCH_INDEX

# Set on the command line: RUNNER=container|local, BASE_IMAGE=NAME@sha256:…, REASON="…", TO=VERSION, FROM=VERSION,
# VARIANT=course, ARGS="…"
export RUNNER BASE_IMAGE DEBIAN_MIRROR REASON TO FROM VARIANT ARGS

.DEFAULT_GOAL := help
.PHONY: help setup wheels base image engine engine-stop verify lessons test lint fmt golden bench bench-peers \
	bench-diagnosis soak fuzz reports lock upgrade torch-upgrade size clean
# `make engine verify` means: first the one, then the other.
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | awk -F'\t' '{printf "%-19s%s\n", $$1, $$2}'

setup: ## make .venv with labcheck, its tools and torch, all pinned
	@scripts/setup.sh

wheels: ## download the locked wheels into build/wheelhouse
	@scripts/wheels.sh

base: ## build the Debian base image (FORCE=1: again); the same bytes each time
	@scripts/base.sh

image: ## build the images labcheck-runtime and labcheck (VARIANT=course: with pandas, scikit-learn and scipy)
	@scripts/image.sh

engine: ## see that a Docker engine answers; on Debian as root, install and start one
	@scripts/engine.sh start

engine-stop: ## stop the engine that `make engine` started, and no other
	@scripts/engine.sh stop

verify: ## is the published output still what the pinned environment prints? (RUNNER=container|local)
	@scripts/verify.sh

lessons: ## do the pages of the lessons still print what they show? (RUNNER=container|sandbox)
	@scripts/lessons.sh

test: ## run the tests; without an engine, those that need none (ARGS="-k name")
	@scripts/test.sh

lint: ## ruff, mypy, import-linter, shellcheck, and no machine named anywhere
	@scripts/lint.sh

fmt: ## format the code and sort its imports
	@scripts/setup.sh
	.venv/bin/ruff check --select I --fix --quiet .
	.venv/bin/ruff format .

golden: ## show how the golden values differ from a new run; with REASON="…", write them
	@scripts/golden.sh

bench: ## measure speed into bench/results.json, and fail where a bound is broken
	@scripts/image.sh
	@status=0; for each in stdout canaries runs lessons; do \
		.venv/bin/python -m bench.speed.$$each --output bench/results.json || status=1; \
	done; .venv/bin/python -m bench.speed.worst || status=1; exit $$status

bench-peers: ## what other graders cost, each in its own environment (1 to 2 GB, not part of CI)
	@scripts/setup.sh
	@.venv/bin/python -m bench.peers.peers --output bench/peers/results.json $(ARGS)

bench-diagnosis: ## how often are wrong scripts told the right thing? (ARGS="--runner local --mistakes-only")
	@scripts/setup.sh
	@status=0; .venv/bin/python -m bench.diagnosis.diagnoses \
		--output bench/diagnosis/results.json $(ARGS) || status=1; \
	.venv/bin/python -m bench.diagnosis.lessons --output bench/diagnosis/lessons.json $(ARGS) || status=1; \
	exit $$status

soak: ## 10,000 runs in one container, 50 kills with an engine of their own, the slow attacks
	@scripts/image.sh
	@LABCHECK_SOAK_RUNS=10000 LABCHECK_SOAK_KILLS=50 LABCHECK_KILLS=50 \
		.venv/bin/python -m pytest --junitxml=build/soak.xml -o junit_family=xunit1 --timeout 3600 \
		tests/integration/test_endurance.py tests/integration/test_batch_kills.py \
		tests/integration/test_batch_resume.py $(ARGS)
	@LABCHECK_SOAK=1 .venv/bin/python -m pytest tests/hostile $(ARGS)

fuzz: ## grade hostile bytes for a while: the stdout parser, then all from run to report (ARGS="--seconds 1800")
	@scripts/setup.sh
	@for script in tests/fuzz/fuzz_*.py; do .venv/bin/python "$$script" $(ARGS) || exit; done

reports: ## what do two commits say of the whole corpus, and where do they differ? (ARGS="4afcaa0 .")
	@scripts/reports.sh $(ARGS)

lock: ## write the lock files and their hashes in docker/pins.toml anew (UPGRADE=1: newer versions)
	@scripts/setup.sh
	@scripts/lock.sh

upgrade: ## may the torch pin become TO=2.14.1? runs all labs with both (FROM=…; gigabytes in build/torch)
	@scripts/upgrade.sh

torch-upgrade: ## what does the torch pin do that changed since UPGRADE_BASE=REVISION? (UPGRADE_TO=… asks of any)
	@scripts/github-upgrade.sh

size: ## what the labcheck image is made of, in MB
	@scripts/size.sh

clean: ## remove what make made here, but neither images nor a running engine
	@scripts/clean.sh
