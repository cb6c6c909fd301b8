#!/bin/sh
# Fill build/wheelhouse with the wheels the locks name; what is there already is not fetched again.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
one_at_a_time wheels
scripts/venv.sh
house=build/wheelhouse
mkdir -p "$house"

# fetch FOLDER LOCK [PIP OPTION…]
fetch() {
    folder=$1 lock=$2
    shift 2
    want=$(file_hash "$lock")
    if [ "$(cat "$house/$folder.lock-sha256" 2>/dev/null)" = "$want" ]; then return 0; fi
    say "wheels: fetching what $lock names"
    rm -rf "${house:?}/$folder" "$house/$folder.part"
    mkdir -p "$house/$folder.part"
    .venv/bin/python -m pip --disable-pip-version-check download -qq --require-hashes --no-deps \
        --only-binary :all: --dest "$house/$folder.part" --requirement "$lock" "$@"
    mv "$house/$folder.part" "$house/$folder"
    printf '%s\n' "$want" >"$house/$folder.lock-sha256"
}

# Where PyTorch's own index cannot be reached, pip goes on after these three seconds and takes the
# wheel from wherever else it is configured to look.
fetch torch docker/torch.lock \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --retries 0 --timeout 3
fetch runtime docker/runtime.lock
fetch checker docker/checker.lock
if [ -n "${VARIANT:-}" ]; then fetch "$VARIANT" "docker/$VARIANT.lock"; fi
fetch dev requirements-dev.lock

# The base has no pip: the image build runs this wheel in place.
mkdir -p "$house/pip"
cmp -s "$house"/dev/pip-[0-9]*.whl "$house/pip/pip.whl" ||
    cp "$house"/dev/pip-[0-9]*.whl "$house/pip/pip.whl"
