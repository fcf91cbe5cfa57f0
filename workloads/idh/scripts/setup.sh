#!/bin/sh
# Makes the virtual environment from the lock; with a second argument, the companion's as well.
set -eu
venv=$1
need() { echo "idh needs $1: $2" >&2; exit 1; }
python=""
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || need "Python 3.11 or newer" "none found on PATH (set PYTHON=/path/to/python3)"
"$python" -c 'import venv, ensurepip' 2>/dev/null || need "Python's venv module" "on Debian or Ubuntu: apt install python3-venv"
make_environment() {
    [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$1"
    echo "setting up $1 (once)" >&2
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
}
make_environment "$venv" requirements/dev.txt
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
make_environment "$venv/fakesnow" requirements/fakesnow.txt
touch "$venv/.ready"
