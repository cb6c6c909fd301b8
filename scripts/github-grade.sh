#!/usr/bin/env bash
# Grade what a repository holds with the image labcheck: the step of action.yml.
#
#   GRADE_PATHS     files and folders, a line each, relative to the repository's root
#   GRADE_IMAGE     the image                                             [labcheck]
#   GRADE_LAB, GRADE_EXERCISE, GRADE_FEEDBACK                             [labcheck's own defaults]
#   GRADE_FAIL_ON   failed: exit 1 if a submission did not pass; never    [failed]
#   GRADE_JOBS      submissions at a time, 1 to 16                        [one a core, at most 4]
#   GRADE_MINUTES   for all of them                                       [60]
#   GRADE_RESULTS   an empty folder for the results                       [a new one]
#
# Only files called *.py are handed to the container, as an archive: nothing is mounted, so neither
# the repository's history nor the token that a checkout may have left there is within reach.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/github.sh
. "$here/github.sh"

container='' child='' results=''
# shellcheck disable=SC2317  # the trap calls it
finish() {
    local status=$?
    trap - EXIT
    [ -z "$child" ] || kill "$child" 2>/dev/null || true
    [ -z "$container" ] || docker rm --force --volumes "$container" >/dev/null 2>&1 || true
    speak
    if [ -n "$results" ]; then
        annotate "$results/annotations.txt"
        summarise "$results/summary.md" || true
    fi
    if [ "$status" -gt 1 ]; then
        echo "::error title=labcheck could not grade::Exit code $status; the log says why."
    fi
    exit "$status"
}
hush
trap finish EXIT
trap 'exit 130' INT TERM

fail_on=${GRADE_FAIL_ON:-failed}
case $fail_on in
    failed | never) ;;
    *) die_of_usage "fail-on must be failed or never, not $(word "$fail_on")" ;;
esac
cores=$(nproc)
jobs=${GRADE_JOBS:-$((cores < 4 ? cores : 4))} minutes=${GRADE_MINUTES:-60}
[[ $jobs =~ ^([1-9]|1[0-6])$ ]] || die_of_usage "jobs must be 1 to 16, not $(word "$jobs")"
[[ $minutes =~ ^[1-9][0-9]{0,3}$ ]] || die_of_usage "minutes must be 1 to 9999, not $(word "$minutes")"
memory=$((2 + jobs))g
image=${GRADE_IMAGE:-labcheck}
[[ $image =~ ^[A-Za-z0-9][A-Za-z0-9._/:@-]*$ ]] || die_of_usage "$(word "$image") is no image's name"
options=()
for option in "lab=${GRADE_LAB:-}" "exercise=${GRADE_EXERCISE:-}" \
    "feedback=${GRADE_FEEDBACK:-}"; do
    [ -z "${option#*=}" ] || options+=("--$option")
done

workspace=$(realpath -e -- "${GITHUB_WORKSPACE:-$PWD}")
cd "$workspace"
paths=()
while IFS= read -r path; do
    path=${path%$'\r'}
    [ -n "$path" ] || continue
    real=$(realpath -e -- "$path") || die_of_usage "there is no $(word "$path") in the repository"
    case $real in
        "$workspace") paths+=(.) ;;
        "$workspace"/*) paths+=("./${real#"$workspace"/}") ;;
        *) die_of_usage "$(word "$path") lies outside of the repository" ;;
    esac
    case ${real,,} in
        *.py) ;;
        *) [ -d "$real" ] || die_of_usage "$(word "$path") is neither a folder nor a .py file" ;;
    esac
done <<<"${GRADE_PATHS:-}"
[ "${#paths[@]}" -gt 0 ] || die_of_usage 'paths names nothing to grade'
new_results "${GRADE_RESULTS:-}"

# Under their paths from the repository's root, so that annotations stand beside the right files;
# root's alone, so that no submission reads another's.
submissions() {
    find -P "${paths[@]}" -name .git -prune -o \
        '(' -type f -o -type l ')' -iname '*.py' -print0 |
        tar --create --file=- --owner=0 --group=0 --numeric-owner --mode=u=rwX,go= \
            --no-recursion --null --files-from=-
}
slots=(--tmpfs "/slot:size=64m,nr_inodes=4096")
for ((job = 2; job <= jobs; job++)); do slots+=(--tmpfs "/slot$job:size=64m,nr_inodes=4096"); done
container=$(docker create --network none --log-driver none --workdir /work \
    --cap-drop ALL --cap-add SETUID --cap-add SETGID --cap-add KILL \
    --security-opt no-new-privileges --memory "$memory" --memory-swap "$memory" --pids-limit 512 "${slots[@]}" \
    "$image" grade . --results /results --jobs "$jobs" --fail-on "$fail_on" "${options[@]}" \
    --output json=/results/reports.jsonl --output github=/results/annotations.txt \
    --output markdown=/results/summary.md) ||
    die "the image $(word "$image") cannot be started; build it with \`make image\`, or name another"
submissions | docker cp - "$container:/work" || die 'the submissions cannot be handed over'

# In the background, for a shell hears no signal while it waits for a child in front of it.
status=0
timeout --kill-after=30 "${minutes}m" docker start --attach "$container" &
child=$!
wait "$child" || status=$?
child=''
[ "$status" != 124 ] || die "grading took longer than $minutes minutes"
docker cp "$container:/results/." "$results" || die "there are no results; labcheck's exit code was $status"
find "$results" ! -type f ! -type d -delete
rm -f "$results/.labcheck" "$results/.lock" # the seeds of second runs, which no artifact shows
is_file "$results/reports.jsonl" || exit "$((status > 1 ? status : 4))"

# -I: a module in the repository that is called json must not be this one.
outputs=$(
    python3 -I -c '
import json, sys
with open(sys.argv[1], encoding="ascii") as lines:
    reports = [json.loads(line) for line in lines]
verdicts = {report["verdict"] for report in reports}
verdict = next((v for v in ("failed", "not_gradable", "passed") if v in verdicts), "not_gradable")
print(verdict, sum(report["verdict"] == "passed" for report in reports), len(reports),
      sum(int(report["score"]) for report in reports),
      sum(int(report["max_score"]) for report in reports))
' "$results/reports.jsonl"
) || die 'the reports cannot be read'
read -r verdict passed submissions score max_score <<<"$outputs"
for pair in "verdict=$verdict" "passed=$passed" "submissions=$submissions" "score=$score" \
    "max-score=$max_score"; do
    set_output "${pair%%=*}" "${pair#*=}"
done
exit "$status"
