#!/usr/bin/env bash
# Adds the peers of `make bench` to .venv, from a lock of their own: pinned, checked by hash, wheels only. Does nothing
# when they are there. A new .venv has no stamp, so they are added anew. Writes to stderr only: the target prints JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2

LOCK=requirements-bench.lock
STAMP=.venv/bench.stamp
locked=$(sha256sum <"$LOCK")

if [ ! -f "$STAMP" ] || [ "$(cat "$STAMP")" != "$locked" ]; then
    .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore \
        --require-hashes --requirement "$LOCK"
    printf '%s\n' "$locked" >"$STAMP"
fi
