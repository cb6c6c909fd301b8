#!/bin/sh
# Install labcheck, its tools and torch into .venv, from the wheelhouse alone.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
one_at_a_time setup
scripts/wheels.sh

want=$(cat docker/*.lock requirements-dev.lock pyproject.toml | sha256sum | cut -c1-64)
if [ "$(cat .venv/.installed 2>/dev/null)" = "$want" ]; then exit 0; fi
say "setup: installing into .venv (torch takes the longest)"
# Only the options given here count: a machine's own pip configuration may name indexes that are
# not there, or constraints without hashes.
pip() { PIP_CONFIG_FILE=/dev/null .venv/bin/python -m pip --disable-pip-version-check "$@"; }
pip install --quiet --no-index --no-deps --require-hashes --no-compile \
    --find-links build/wheelhouse/torch --find-links build/wheelhouse/runtime \
    --find-links build/wheelhouse/checker --find-links build/wheelhouse/dev \
    -r docker/torch.lock -r docker/runtime.lock -r docker/checker.lock -r requirements-dev.lock
pip install --quiet --no-index --no-deps --no-build-isolation --editable .
printf '%s\n' "$want" >.venv/.installed
