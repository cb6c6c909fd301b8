#!/bin/sh
# Run the tests, all of them where an engine answers. pytest's summary is the last line.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

if engine_answers; then
    scripts/image.sh
    # Elsewhere its tests are left out until somebody has built it.
    if [ -n "${CI:-}" ]; then VARIANT=course scripts/image.sh; fi
elif [ -n "${CI:-}" ]; then
    die "CI is set, and no Docker engine answers: the tests that need one would be left out"
else
    scripts/setup.sh
    say "test: no engine answers; the tests marked \`engine\` are left out (\`make engine test\` runs all)"
fi

if [ -n "${ARGS:-}" ]; then
    # Some tests only, so coverage means nothing.
    # shellcheck disable=SC2086  # ARGS is a list of arguments
    exec .venv/bin/python -m pytest $ARGS
fi
if ! engine_answers; then
    exec .venv/bin/python -m pytest -m 'not engine' --cov --cov-report=term --cov-fail-under=0
fi
log=build/coverage-pure.txt
status=0
.venv/bin/python -m pytest --cov --cov-report=term || status=$?
# The judging core has no untested branch; silent unless one is found, so that pytest has the last
# word.
.venv/bin/python -m coverage report --fail-under=100 --include="$(echo \
    'verifier/output/*' 'verifier/golden/*' 'verifier/checks/*' | tr ' ' ,)" >"$log" 2>&1 || {
    cat "$log" >&2
    say "test: the pure stages must be covered to 100 %, by branch"
    if [ "$status" = 0 ]; then status=1; fi
}
exit "$status"
