#!/usr/bin/env bash
# What does a change of the torch pin do to the labs' numbers? The step of torch-upgrade.yml.
#
#   UPGRADE_BASE, UPGRADE_HEAD   revisions whose docker/pins.toml name the old and the new release
#                                [HEAD is what is checked out]
#   UPGRADE_FROM, UPGRADE_TO     the releases themselves, instead
#   UPGRADE_FAIL_ON              bits, printed or tolerance               [printed]
#   UPGRADE_RESULTS              an empty folder for the results          [a new one]
#   UPGRADE_LABCHECK             the command                              [that of .venv, made first]
#   TORCH_INDEX                  where pip finds torch's CPU builds, beside its own index
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
# shellcheck source=scripts/github.sh
. scripts/github.sh

results='' child=''
# shellcheck disable=SC2317  # the trap calls it
finish() {
    local status=$?
    trap - EXIT
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    speak
    if [ -n "$results" ]; then
        annotate "$results/annotations.txt"
        summarise "$results/drift.md" || true
    fi
    if [ "$status" -gt 1 ]; then
        echo "::error title=torch could not be compared::Exit code $status; the log says why."
    fi
    exit "$status"
}
hush
trap finish EXIT
trap 'exit 130' INT TERM

# pin_of REVISION: the release that its pins name, whatever the build behind a plus sign.
pin_of() {
    local commit python
    commit=$(git rev-parse --verify --quiet --end-of-options "$1^{commit}") ||
        die_of_usage "there is no revision $(word "$1") here; fetch it"
    python=$(find_python)
    git cat-file blob "$commit:docker/pins.toml" | "$python" -I -c '
import sys, tomllib
print(tomllib.load(sys.stdin.buffer)["wheels"]["torch"].partition("+")[0])
' || die_of_usage "docker/pins.toml of $(word "$1") names no torch"
}

is_release() { [[ $1 =~ ^[0-9]+(\.[0-9]+){1,2}((a|b|rc|\.post|\.dev)[0-9]+)?$ ]]; }

fail_on=${UPGRADE_FAIL_ON:-printed}
case $fail_on in
    bits | printed | tolerance) ;;
    *) die_of_usage "fail-on must be bits, printed or tolerance, not $(word "$fail_on")" ;;
esac
from=${UPGRADE_FROM:-} to=${UPGRADE_TO:-}
[ -n "$from" ] || from=$(pin_of "${UPGRADE_BASE:-HEAD}")
[ -n "$to" ] || to=$(pin_of "${UPGRADE_HEAD:-HEAD}")
for release in "$from" "$to"; do
    is_release "$release" || die_of_usage "$(word "$release") is no release of torch"
done
set_output from "$from"
set_output to "$to"
if [ "$from" = "$to" ]; then
    say "torch is $to on both sides: there is nothing to compare"
    echo "torch is $to on both sides: there is nothing to compare." >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
    set_output compared false
    exit 0
fi
set_output compared true
new_results "${UPGRADE_RESULTS:-}"

labcheck=${UPGRADE_LABCHECK:-}
if [ -z "$labcheck" ]; then
    scripts/setup.sh
    labcheck=.venv/bin/labcheck
fi
# The environments that are compared get the build that is pinned, if pip can find it.
if [ -n "${TORCH_INDEX:-}" ]; then
    export PIP_EXTRA_INDEX_URL="$TORCH_INDEX${PIP_EXTRA_INDEX_URL:+ $PIP_EXTRA_INDEX_URL}"
fi
# In the background, for a shell hears no signal while it waits for a child in front of it.
"$labcheck" upgrade --from "$from" --to "$to" --results "$results" --fail-on "$fail_on" &
child=$!
wait "$child"
