#!/bin/sh
# Write the lock files anew from pyproject.toml, docker/*.in and requirements-dev.in, then their
# sha256 into docker/pins.toml. UPGRADE=1 moves every version that is not pinned in those files.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# The locks must not differ with the machine that wrote them.
compile() {
    out=$1
    shift
    CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/pip-compile --quiet --no-config --generate-hashes \
        --no-emit-find-links --no-emit-index-url --no-emit-options --no-emit-trusted-host \
        --strip-extras --allow-unsafe ${UPGRADE:+--upgrade} --output-file "$out" "$@"
}

torch=$(scripts/pin.sh wheels.torch)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m pip --disable-pip-version-check download -qq --no-deps --only-binary :all: \
    --dest "$folder" ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --retries 0 --timeout 3 \
    "torch==$torch"
cat >docker/torch.lock <<EOF
# torch for the lab container: the CPU build alone, by the hash of its one wheel for Python 3.11 on
# x86-64 Linux, so that a CUDA build of the same version is no match. Written by \`make lock\`.
torch==$torch \\
    --hash=sha256:$(file_hash "$folder"/torch-*.whl)
EOF

compile docker/runtime.lock docker/runtime.in
compile docker/course.lock --constraint docker/runtime.lock docker/course.in
# In the development environment the checker and torch's packages share one site-packages.
compile docker/checker.lock --no-build-isolation --constraint docker/runtime.lock pyproject.toml
compile requirements-dev.lock requirements-dev.in

scripts/pins_write.sh
