#!/bin/sh
# Make .venv, empty but for pip.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

want=$(scripts/pin.sh python.version)
if [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null; then exit 0; fi
python=$(find_python)
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$want" ] ||
    die "Python $want is needed, and $python is $found: the locked wheels are built for $want; install python$want, or set PYTHON=…"
# Debian ships ensurepip apart from Python.
"$python" -c 'import ensurepip' 2>/dev/null || install_debian_packages "/usr/lib/python$want/ensurepip:python3-venv"
say "setup: making .venv with $("$python" -V)"
rm -rf .venv
"$python" -m venv .venv
