#!/bin/sh
# Verify in the container where an engine answers, else in .venv; RUNNER insists on one of them.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

case ${RUNNER:-} in
    container) need_engine && why='as asked' ;;
    local) why='as asked' ;;
    '') if engine_answers; then
        RUNNER=container why='an engine answers'
    else
        RUNNER=local why='no engine answers; "make engine verify" uses the container'
    fi ;;
    *) die_of_usage "RUNNER must be container or local, not $RUNNER" ;;
esac
if [ "$RUNNER" = container ]; then
    echo "verify: in the pinned container ($why)"
    scripts/image.sh
else
    echo "verify: in the pinned local environment, .venv ($why)"
    scripts/setup.sh
fi
# shellcheck disable=SC2086  # ARGS is a list of arguments
exec .venv/bin/labcheck verify --runner "$RUNNER" ${ARGS:-}
