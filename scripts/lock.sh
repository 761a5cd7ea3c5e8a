#!/usr/bin/env bash
# Writes requirements.lock and those of the benchmarks and of Semgrep anew from pyproject.toml: pinned versions with hashes for every
# platform, wheels only (nothing is built at setup), no address of a registry. Keeps the versions that are locked;
# LOCK_ARGS=--upgrade raises them.
set -euo pipefail
cd "$(dirname "$0")/.."

UV=${UV:-uv}
if ! command -v "$UV" >/dev/null; then
    printf 'lock: needs uv (only for this; setup does not). Install it with "pip install uv" or set UV to its path.\n' >&2
    exit 1
fi
compile() {
    # shellcheck disable=SC2086  # LOCK_ARGS may hold several arguments
    "$UV" pip compile pyproject.toml --extra dev --extra postgres --quiet \
        --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --only-binary :all: --emit-build-options --custom-compile-command "make lock" ${LOCK_ARGS:-} "$@"
}
compile --output-file requirements.lock
# The peers that `make bench` measures against come on top, and never move what is locked for everybody.
compile --extra bench --constraint requirements.lock --output-file requirements-bench.lock
# Semgrep pins what others need newer, so it stands alone.
# shellcheck disable=SC2086  # LOCK_ARGS may hold several arguments
"$UV" pip compile scripts/security/requirements.in --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --only-binary :all: --emit-build-options --custom-compile-command "make lock" ${LOCK_ARGS:-} \
    --output-file requirements-semgrep.lock
