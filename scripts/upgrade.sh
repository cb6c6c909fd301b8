#!/bin/sh
# Compare the pinned torch with release TO (or FROM with TO): may the pin be raised? pip makes both
# environments once, in build/torch; the results are in build/upgrade.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

[ -n "${TO:-}" ] || die_of_usage "TO is needed: make upgrade TO=2.14.1"
scripts/setup.sh
one_at_a_time upgrade
# The builds for the CPU, if pip can find them: the others are ten times as large.
if [ -n "${TORCH_INDEX:-}" ]; then
    # Where that cannot be reached, pip would try five times for every package.
    export PIP_RETRIES="${PIP_RETRIES:-1}"
    export PIP_EXTRA_INDEX_URL="$TORCH_INDEX${PIP_EXTRA_INDEX_URL:+ $PIP_EXTRA_INDEX_URL}"
fi
# shellcheck disable=SC2086  # ARGS is a list of arguments
exec .venv/bin/labcheck upgrade --cache build/torch --results build/upgrade \
    ${FROM:+--from "$FROM"} --to "$TO" ${ARGS:-}
