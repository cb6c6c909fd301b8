#!/bin/sh
# Build labcheck-runtime and labcheck, each only if what it is made of has changed.
#
# VARIANT=course          builds labcheck-runtime-course and labcheck-course instead, on the runtime.
# LABCHECK_TAG_PREFIX=…   goes before all names: images of another tree stay as they are.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
case ${VARIANT:-} in
    '' | course) ;;
    *) die_of_usage "VARIANT must be course, or nothing at all, not $VARIANT" ;;
esac
one_at_a_time image
need_engine
scripts/setup.sh
scripts/base.sh

base=${BASE_IMAGE:-$(base_tag)}
runtime=${LABCHECK_TAG_PREFIX:-}$(scripts/pin.sh image.runtime)
checker=${LABCHECK_TAG_PREFIX:-}$(scripts/pin.sh image.checker)
pins=$(file_hash docker/pins.toml)
# Without buildx the client has only the classic builder, and asks to be told so.
if [ -z "${DOCKER_BUILDKIT:-}" ]; then
    DOCKER_BUILDKIT=0
    if docker buildx version >/dev/null 2>&1; then DOCKER_BUILDKIT=1; fi
fi
export DOCKER_BUILDKIT BUILDX_NO_DEFAULT_ATTESTATIONS=1

# build NAME TARGET RECIPE [OPTION…]; the options may name another file than docker/Dockerfile
build() {
    name=$1 target=$2 recipe=$3
    shift 3
    if [ "$(label_of "$name" org.labcheck.recipe)" = "$recipe" ]; then
        say "image: $name is up to date"
        return 0
    fi
    say "image: building $name"
    before=$(id_of "$name")
    if ! docker build --file docker/Dockerfile --target "$target" --tag "$name" --network none \
        --label "org.labcheck.recipe=$recipe" \
        --label "org.opencontainers.image.title=$name" \
        --build-arg "BASE_IMAGE=$base" \
        --build-arg "VERSION=$(version)" \
        --build-arg "PINS_SHA256=$pins" \
        "$@" . >"build/$name.log" 2>&1; then
        tail -n 30 "build/$name.log" >&2
        die "$name could not be built (build/$name.log has all of it)"
    fi
    # The engine keeps an image that lost its name until it is told; one still in use stays.
    if [ -n "$before" ] && [ "$before" != "$(id_of "$name")" ]; then
        docker image rm "$before" >/dev/null 2>&1 || true
    fi
}

# The runtime's id stands in every golden, so its recipe is only what can be seen in it: of the
# Dockerfile, the part before the checker's stages.
recipe=$( (
    sed '/ AS checker$/,$d' docker/Dockerfile
    id_of "$base"
    version
    content_hash docker/pins.toml docker/torch.lock docker/runtime.lock docker/packages.sh \
        verifier/sandbox
) | sha256sum | cut -c1-64)
mkdir -p build/dist
build "$runtime" runtime "$recipe"
runtime_id=$(id_of "$runtime")
if [ -n "${VARIANT:-}" ]; then
    recipe=$( (
        echo "$runtime_id"
        content_hash "docker/$VARIANT.Dockerfile" "docker/$VARIANT.lock"
    ) | sha256sum | cut -c1-64)
    plain=$runtime runtime=$runtime-$VARIANT checker=$checker-$VARIANT
    build "$runtime" runtime "$recipe" --file "docker/$VARIANT.Dockerfile" \
        --build-arg "RUNTIME_IMAGE=$plain"
    runtime_id=$(id_of "$runtime")
fi

recipe=$( (
    echo "$runtime_id"
    content_hash docker/Dockerfile docker/pins.toml docker/checker.lock pyproject.toml \
        verifier lab schemas
) | sha256sum | cut -c1-64)
if [ "$(label_of "$checker" org.labcheck.recipe)" != "$recipe" ]; then
    rm -rf build/dist
    PIP_CONFIG_FILE=/dev/null .venv/bin/python -m pip --disable-pip-version-check wheel --quiet \
        --no-deps --no-index --no-build-isolation --wheel-dir build/dist .
fi
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
if [ -n "$(git status --porcelain 2>/dev/null || true)" ]; then revision=$revision-dirty; fi
build "$checker" labcheck "$recipe" \
    --build-arg "RUNTIME_IMAGE=$runtime" \
    --build-arg "RUNTIME_ID=$runtime_id" \
    --build-arg "REVISION=$revision"
say "image: $runtime is $runtime_id"
