#!/usr/bin/env bash
# redis.sh <dataDir> <port>: a Redis for the embedding cache, in the foreground, on loopback only.
#
#   REDIS_PASSWORD   required; goes into a file of mode 0600, never onto a command line
#   REDIS_MAXMEMORY  optional, default 256mb; the least recently used entries go first
#
# Nothing is persisted: the cache may be lost at any time. SIGTERM or SIGINT to this process's id stops it.
set -euo pipefail

die() { echo "redis.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || die "usage: redis.sh <dataDir> <port>"
data=$1 port=$2
case $port in '' | *[!0-9]*) die "'$port' is not a port" ;; esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "'$port' is not a port"
[ -n "${REDIS_PASSWORD:-}" ] || die "REDIS_PASSWORD is not set"
server=$(command -v redis-server) || die "redis-server is not in PATH"

umask 077
mkdir -p "$data" 2>/dev/null || die "cannot create $data"
data=$(cd "$data" && pwd -P) || die "cannot enter $data"
[ -w "$data" ] || die "cannot write to $data"

# Every byte as \xHH: no character of the password or the path can end the quotes.
quoted() { printf '"'; printf '%s' "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g'; printf '"'; }

conf=$data/redis.conf
rm -f "$conf"
{
    echo 'bind 127.0.0.1'
    echo "port $port"
    echo 'protected-mode yes'
    echo 'daemonize no'
    echo 'save ""'
    echo 'appendonly no'
    echo "maxmemory ${REDIS_MAXMEMORY:-256mb}"
    echo 'maxmemory-policy allkeys-lru'
    echo 'always-show-logo no'
    echo "dir $(quoted "$data")"
    echo "requirepass $(quoted "$REDIS_PASSWORD")"
} > "$conf" || die "cannot write $conf"

unset REDIS_PASSWORD
exec "$server" "$conf"
