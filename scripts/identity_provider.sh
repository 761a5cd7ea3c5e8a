#!/usr/bin/env bash
# Runs an identity provider for tests of signing in, on loopback, until stopped:
#   scripts/identity_provider.sh PORT REDIRECT SECRET
# Needs node and npm (development only); the packages are pinned, with their hashes, in its package-lock.json.
set -euo pipefail
cd "$(dirname "$0")/.."

PLACE=${ALMONER_IDENTITY_PROVIDER_FOLDER:-.identity-provider}
mkdir -p "$PLACE"
exec 9>"$PLACE/.lock"
flock 9
if ! cmp -s scripts/identity_provider/package-lock.json "$PLACE/package-lock.json" || [ ! -d "$PLACE/node_modules" ]; then
    cp scripts/identity_provider/package.json scripts/identity_provider/package-lock.json "$PLACE/"
    npm --prefix "$PLACE" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
fi
cp scripts/identity_provider/provider.mjs "$PLACE/"
flock -u 9
exec node "$PLACE/provider.mjs" "$@"
