# Sourced by the scripts beside it that are steps of a GitHub job; each runs anywhere with bash.
# shellcheck shell=bash

# A runner reads commands to itself out of everything that a step prints. Between `hush` and `speak`
# it takes nothing for one, as long as nobody can guess the token. Both streams become one, for a
# runner reads two of them in no certain order.
hush() {
    local random
    random=$(od -An -N16 -tx1 /dev/urandom | tr -dc '0-9a-f')
    [ "${#random}" = 32 ] || die 'there is no randomness here'
    token=labcheck-$random
    printf '::stop-commands::%s\n' "$token"
    exec 2>&1
}

# First the end of a line that may have none.
speak() { printf '\n::%s::\n' "$token"; }

# A name or a path as one printable word, whatever it holds.
word() { printf '%q' "$1"; }

# Only regular files are read: a link may point to anything on this machine.
is_file() { [ -f "$1" ] && [ ! -L "$1" ]; }

# annotate FILE: print what labcheck wrote as annotations, and no other command.
annotate() {
    is_file "$1" || return 0
    LC_ALL=C grep -aE '^::(error|warning|notice) title=[^[:cntrl:]]*$' "$1" | head -n 30 || true
}

# summarise FILE: add Markdown to the job's summary.
summarise() {
    is_file "$1" || return 0
    cat -- "$1" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
}

# set_output NAME VALUE: a line break in the value would begin another output.
set_output() {
    case $2 in
        *[[:cntrl:]]*) die "the output $1 would have control characters" ;;
    esac
    printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# new_results PATH: make the folder for results; empty, so that nothing old is taken for a result.
new_results() {
    if [ -n "$1" ]; then
        mkdir -p -- "$1" || die_of_usage "$(word "$1") cannot be made"
        results=$(realpath -e -- "$1")
        [ -z "$(ls -A -- "$results")" ] || die_of_usage "$(word "$1") is not empty"
    else
        results=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/labcheck-XXXXXXXX")
    fi
    set_output results "$results"
}
