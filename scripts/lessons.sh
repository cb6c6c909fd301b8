#!/bin/sh
# Do the pages of our own lessons, and of the guide for authors, still print what they show?
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/setup.sh
runner=${RUNNER:-}
if [ -z "$runner" ]; then
    if engine_answers; then runner=container; else runner=sandbox; fi
fi
if [ "$runner" = container ]; then
    need_engine
    scripts/image.sh
fi
# shellcheck disable=SC2086  # ARGS is a list of arguments
exec .venv/bin/labcheck lesson check --runner "$runner" ${ARGS:-} lab/*/lesson.md docs/authoring.md
