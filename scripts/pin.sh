#!/bin/sh
# Print one value of docker/pins.toml, given its dotted name; a list is printed space-separated.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
[ $# = 1 ] || die_of_usage "usage: $0 NAME.OF.VALUE"
python=$(find_python)
exec "$python" -c '
import sys, tomllib
with open("docker/pins.toml", "rb") as pins:
    value = tomllib.load(pins)
for name in sys.argv[1].split("."):
    value = value[name]
print(*value if isinstance(value, list) else [value])
' "$1"
