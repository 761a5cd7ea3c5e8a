#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own: a new cluster in a temporary folder, on loopback, gone
# afterwards. As root on Debian it installs the server; where there is none, the command runs without, and the tests that
# need one say so and skip.
set -euo pipefail

say() {
    printf 'postgres: %s\n' "$1" >&2
}

server_folder() {
    local folder
    for folder in /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

if [ -n "${ALMONER_TEST_DATABASE_URL:-}" ]; then
    exec "$@"
fi
if ! bin=$(server_folder); then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "no server is installed: to test with it, install Debian's package 'postgresql'"
        exec "$@"
    fi
    say "installing Debian's package 'postgresql'"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends postgresql >/dev/null
    bin=$(server_folder)
fi

folder=$(mktemp -d)
as=()
if [ "$(id -u)" -eq 0 ]; then # the server refuses to run as root
    chown postgres "$folder"
    as=(runuser -u postgres --)
fi
stop() {
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT

password=$(head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n')
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(umask 077 && printf '%s\n' "$password" >"$folder/password")
[ "$(id -u)" -ne 0 ] || chown postgres "$folder/password"
cd "$folder"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U almoner --auth=scram-sha-256 --pwfile="$folder/password" -E UTF8 --no-locale \
    --no-sync >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c max_connections=100" \
    start >/dev/null || { cat "$folder/log" >&2; exit 1; }
cd "$OLDPWD"
export ALMONER_TEST_DATABASE_URL="postgresql://almoner:$password@127.0.0.1:$port/postgres"
"$@"
