#!/usr/bin/env bash
# Checks the source with Semgrep by the rules of scripts/security, and the rules by faults that are planted beside them.
# Semgrep pins packages that ours need in other versions, so it has an environment of its own, from a lock of its own.
# Nothing is fetched but that environment, the first time; nothing is sent anywhere.
set -euo pipefail
cd "$(dirname "$0")/.."

LOCK=requirements-semgrep.lock
HOME_OF_IT=.venv/semgrep
STAMP=$HOME_OF_IT/lock.stamp
locked=$({ cat "$LOCK"; pwd -P; } | sha256sum)

if [ ! -f "$STAMP" ] || [ "$(cat "$STAMP")" != "$locked" ]; then
    .venv/bin/python -m venv --clear "$HOME_OF_IT"
    "$HOME_OF_IT/bin/python" -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore \
        --require-hashes --requirement "$LOCK" 1>&2
    printf '%s\n' "$locked" >"$STAMP"
fi

SEMGREP=${SEMGREP:-$PWD/$HOME_OF_IT/bin/semgrep}
# Its settings and its log go where nobody keeps them.
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
export SEMGREP_SETTINGS_FILE=$own/settings.yml SEMGREP_LOG_FILE=$own/semgrep.log SEMGREP_SEND_METRICS=off
quiet=(--metrics off --disable-version-check --quiet)

PATH="$(dirname "$SEMGREP"):$PATH" "$SEMGREP" scan --test --metrics off --disable-version-check \
    --config scripts/security/rules.yml scripts/security/rules.py >"$own/tested" 2>&1 ||
    { cat "$own/tested" >&2; exit 1; }
PATH="$(dirname "$SEMGREP"):$PATH" "$SEMGREP" scan "${quiet[@]}" --error --strict --no-git-ignore \
    --config scripts/security/rules.yml src
printf 'semgrep: nothing found\n'
