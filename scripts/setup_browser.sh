#!/usr/bin/env bash
# Sees to it that Debian's Chromium is there for the tests of pages: as root on Debian it installs it, otherwise it says what
# to install and stops. No other browser is ever fetched. Writes to stderr only.
set -euo pipefail
exec 1>&2

if [ -n "${ALMONER_CHROMIUM:-}" ] || command -v chromium >/dev/null; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf 'browser: %s\n' "the tests of pages need Chromium, and there is none." \
        "please run:  sudo apt-get update && sudo apt-get install --yes chromium" \
        "or set ALMONER_CHROMIUM to the path of one, then try again."
    exit 1
fi
printf "browser: installing Debian's package 'chromium'\n"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install --yes --no-install-recommends chromium >/dev/null
command -v chromium >/dev/null || { printf 'browser: Chromium was installed and is not found.\n'; exit 1; }
