#!/bin/sh
# Write the sha256 of each docker/*.lock into docker/pins.toml.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

for lock in docker/torch.lock docker/runtime.lock docker/course.lock docker/checker.lock; do
    sed -i "s|^\"$lock\" = .*|\"$lock\" = \"$(file_hash "$lock")\"|" docker/pins.toml
done
