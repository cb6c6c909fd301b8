#!/bin/sh
# Remove what make made in this folder. A running engine keeps its pid file, or none could stop it.
set -eu
cd "$(dirname "$0")/.."

if [ -d build ]; then
    find build -mindepth 1 -maxdepth 1 ! -name engine.pid ! -name dockerd.log -exec rm -rf {} +
    rmdir build 2>/dev/null || true
fi
rm -rf .venv dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
    .import_linter_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
