#!/usr/bin/env bash
# Compiles the one style sheet of the web application into the package: src/almoner/web/static/. Development only: what is
# shipped is built, and nothing of Node runs anywhere else. Needs npm; the versions are pinned, with their hashes, in
# scripts/styles/package-lock.json. `--check` fails where what is shipped is not what would be built.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=src/almoner/web/static/almoner.css
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp scripts/styles/package.json scripts/styles/package-lock.json scripts/styles/*.scss "$work/"
npm --prefix "$work" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
(cd "$work" && node_modules/.bin/sass --no-source-map --style=compressed --quiet-deps --load-path=. --load-path=node_modules \
    --load-path=node_modules/@ministryofjustice/frontend almoner.scss almoner.css)
{
    printf '/* Built by scripts/build_styles.sh from GOV.UK Frontend and MOJ Frontend (MIT); see LICENCES.md beside this file. */\n'
    # The one picture of the timeline's documents, which we do not have.
    sed 's/background-image:url([^)]*icon-document[^)]*);//' "$work/almoner.css"
} >"$work/almoner.whole.css"

if [ "${1:-}" = "--check" ]; then
    cmp "$work/almoner.whole.css" "$TARGET" || { printf 'styles: run scripts/build_styles.sh\n' >&2; exit 1; }
    printf 'styles: up to date\n'
else
    mkdir -p "$(dirname "$TARGET")"
    cp "$work/almoner.whole.css" "$TARGET"
    printf 'styles: %s bytes\n' "$(wc -c <"$TARGET")"
fi
