#!/bin/sh
# Makes the virtual environment from the lock. One clear line when something that we need is missing.
set -eu
venv=$1
need() { echo "crossdock needs $1: $2" >&2; exit 1; }
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
command -v git >/dev/null 2>&1 || need "git" "install it with your package manager"
[ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$venv"
echo "setting up $venv (once)" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch "$venv/.ready"
