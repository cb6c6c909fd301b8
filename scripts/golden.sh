#!/bin/sh
# Compare the golden values with a new run in the container; REASON=… writes the new ones.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
need_engine
scripts/image.sh
if [ -n "${REASON:-}" ]; then
    exec .venv/bin/labcheck golden update --reason "$REASON"
fi
exec .venv/bin/labcheck golden diff
