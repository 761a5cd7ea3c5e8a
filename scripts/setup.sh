#!/usr/bin/env bash
# Builds .venv from the lock: every package pinned and checked by its hash. Does nothing when .venv already matches
# the lock. Needs Python 3.11 or later with its venv module; as root on Debian it installs what is missing, otherwise
# it says what to install. Writes to stderr only, so that a target that prints JSON stays clean.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2

VENV=.venv
LOCK=requirements.lock
LOCK_STAMP=$VENV/lock.stamp
PACKAGE_STAMP=$VENV/package.stamp

stop() {
    printf 'setup: %s\n' "$@"
    exit 1
}

is_recent_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3.11}" python3.11 /usr/bin/python3.11 python3 python3.12 python3.13; do
        if is_recent_python "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

# Debian parts the venv module from Python: `ensurepip` is what is missing there.
makes_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# Installs Debian packages as root; otherwise, or without apt-get, names them and stops.
need_packages() {
    if ! command -v apt-get >/dev/null; then
        stop "please install Python 3.11 or later with its venv and ensurepip modules, then try again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        stop "these Debian packages are missing: $*" \
            "please run:  sudo apt-get update && sudo apt-get install --yes $*" \
            "then try again."
    fi
    printf 'setup: installing Debian packages: %s\n' "$*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends "$@" >/dev/null
}

python_with_venv() {
    local python
    if ! python=$(find_python); then
        if apt-cache show python3.11 >/dev/null 2>&1; then
            need_packages python3.11 python3.11-venv
        else
            need_packages python3 python3-venv
        fi
        python=$(find_python) || stop "no Python 3.11 or later was found; set PYTHON to its path."
    fi
    if ! makes_environments "$python"; then
        need_packages "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        makes_environments "$python" || stop "$python has no venv or ensurepip module; set PYTHON to one that has."
    fi
    found=$python
}

# The place counts as well: the scripts in .venv hold it, so a copied tree builds its own.
fingerprint() {
    { cat "$1"; pwd -P; } | sha256sum | cut -d ' ' -f 1
}

is_stamped() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# Two makes at once: the second waits here, and then finds the work done.
if command -v flock >/dev/null; then
    exec 9<"$LOCK"
    flock 9
fi

locked=$(fingerprint "$LOCK")
package=$(fingerprint pyproject.toml)
install=("$VENV/bin/python" -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore)

if ! is_stamped "$LOCK_STAMP" "$locked" || ! "$VENV/bin/python" -c '' 2>/dev/null; then
    python_with_venv
    printf 'setup: building %s with %s; this takes about a minute\n' "$VENV" "$("$found" --version)"
    "$found" -m venv --clear "$VENV"
    "${install[@]}" --require-hashes --requirement "$LOCK"
    printf '%s\n' "$locked" >"$LOCK_STAMP"
fi

if ! is_stamped "$PACKAGE_STAMP" "$package"; then
    "${install[@]}" --no-deps --no-build-isolation --editable .
    printf '%s\n' "$package" >"$PACKAGE_STAMP"
    printf 'setup: done\n'
fi
