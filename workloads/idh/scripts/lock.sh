#!/bin/sh
# Renews the locks: every version, with hashes, for every platform and Python that we support; no addresses.
set -eu
venv=$1
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml -o requirements/run.txt
printf 'setuptools>=77\n' | "$venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --no-annotate --extra dev pyproject.toml - -c requirements/run.txt -o requirements/dev.txt
# The warehouse's stand-in pins another sqlglot than Splink does: a companion with a lock and an environment of its own.
printf 'fakesnow[server]>=0.12\nsnowflake-connector-python!=4.8.1,<5\n' | "$venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --no-annotate - -o requirements/fakesnow.txt
