#!/bin/sh
# Run every check that reads the code without running it, and fail at the end if one of them did.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
scripts/setup.sh

failed=
check() {
    name=$1
    shift
    if "$@" >build/lint.log 2>&1; then
        say "lint: $name: fine"
    else
        cat build/lint.log
        say "lint: $name: FAILED"
        failed="$failed $name"
    fi
}
schemas_of_github() {
    validate='.venv/bin/check-jsonschema --quiet --builtin-schema'
    $validate vendor.github-workflows .github/workflows/*.yml &&
        $validate custom.github-workflows-require-timeout .github/workflows/*.yml &&
        $validate vendor.github-actions action.yml &&
        $validate vendor.renovate renovate.json
}
check 'ruff check' .venv/bin/ruff check .
check 'ruff format' .venv/bin/ruff format --check .
check mypy .venv/bin/mypy
check import-linter .venv/bin/lint-imports
check 'workflows, action, renovate' schemas_of_github
check 'no machine named' scripts/no_machine_named.sh
if command -v shellcheck >/dev/null 2>&1; then
    check shellcheck shellcheck -x scripts/*.sh docker/*.sh .ci/run
else
    say "lint: shellcheck is not installed; left out"
fi
[ -z "$failed" ] || { say "lint: failed:$failed" && exit 1; }
