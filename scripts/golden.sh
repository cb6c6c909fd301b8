#!/bin/sh
# Compare the golden values, and what the mistakes print, with a new run in the container; REASON=…
# writes the new ones.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
need_engine
scripts/image.sh
if [ -n "${REASON:-}" ]; then
    .venv/bin/labcheck golden update --reason "$REASON"
    exec .venv/bin/labcheck golden mistakes
fi
status=0
.venv/bin/labcheck golden diff || status=$?
.venv/bin/labcheck golden mistakes --check || status=$?
exit "$status"
