#!/usr/bin/env bash
# Builds the demonstration: a synthetic borough, its deliveries, and everything that Almoner makes of them.
# No real person is in it. The same number of people and the same seed give the same borough.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
exec .venv/bin/almoner demo build "${WORKSPACE:-demo}" --people "${PEOPLE:-10000}" --seed "${SEED:-1}"
