# Sourced by the scripts beside it; the working directory is the repository's root.
# shellcheck shell=sh

say() { printf '%s\n' "$*" >&2; }

# This machine lacks something; labcheck's own exit code for that is 4 as well.
die() {
    say "error: $*"
    exit 4
}

# The caller asked for something that does not exist.
die_of_usage() {
    say "error: $*"
    exit 2
}

# The docker command follows its current context, the SDK only DOCKER_HOST: both shall speak to the
# same engine. A context with certificates needs more than its host, so it is left alone.
follow_docker_context() {
    [ -z "${DOCKER_HOST:-}" ] || return 0
    host=$(docker context inspect \
        -f '{{.Endpoints.docker.Host}}{{range .TLSMaterial}} with certificates{{end}}' \
        2>/dev/null) || return 0
    case $host in
        '' | *' '*) ;;
        *) export DOCKER_HOST="$host" ;;
    esac
}

engine_answers() {
    follow_docker_context
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Print the Python that reads the pins and makes .venv: PYTHON if it is set, else python3.11, else a
# python3 that is no older.
find_python() {
    for candidate in ${PYTHON:-python3.11 python3}; do
        if is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    die "${PYTHON:-no python3 here} is not Python 3.11 or newer; install python3.11 (on Debian 12: python3 and python3-venv), or set PYTHON=…"
}

need_engine() {
    engine_answers || die "no Docker engine answers; run \`make engine\`"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        die "root is needed for: $*"
    fi
}

# Two runs of one script at a time would write the same files.
one_at_a_time() {
    mkdir -p build
    exec 9>"build/$1.lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
}

# Each argument is WHAT:PACKAGE; WHAT is a command, or a file where it begins with a slash.
install_debian_packages() {
    missing=
    for pair; do
        what=${pair%%:*}
        case $what in
            /*) test -e "$what" ;;
            *) command -v "$what" >/dev/null 2>&1 ;;
        esac || missing="$missing ${pair#*:}"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 || die "please install:$missing"
    say "installing:$missing"
    as_root apt-get -qq update
    # shellcheck disable=SC2086  # a list of package names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# One hash over the names and contents of the given files and folders, whatever made them.
content_hash() {
    find "$@" -type f ! -name '*.pyc' ! -path '*/__pycache__/*' -print |
        LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-64
}

file_hash() { sha256sum "$1" | cut -c1-64; }

# Named by its recipe, so that another recipe is another image and the same one is not built again.
# Of the pins only [base] counts: a new lock is no reason to build a new base.
base_tag() {
    hash=$( (grep -v '^ *#' scripts/base.sh && sed -n '/^\[base\]/,/^\[python\]/p' docker/pins.toml) | sha256sum | cut -c1-12)
    printf '%s:%s\n' "$(scripts/pin.sh base.name)" "$hash"
}

version() { sed -n 's/^__version__ = "\(.*\)"$/\1/p' verifier/__init__.py; }

label_of() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null || true; }

id_of() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true; }
