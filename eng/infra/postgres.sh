#!/usr/bin/env bash
# postgres.sh <dataDir> <port>: a PostgreSQL for the audit trail, in the foreground, on loopback only.
#
#   POSTGRES_PASSWORD  required; password of the superuser `postgres`. Another one than last time is taken over.
#   POSTGRES_DB        optional, default `audit`; made on the first start, before clients are let in
#
# Never runs as root: root drops to the data folder's owner, else to the user `postgres`, else to `nobody`.
# SIGTERM (or SIGINT, unless the caller had it ignored) to this process stops the server at once but cleanly, clients connected or not.
set -euo pipefail

die() { echo "postgres.sh: $*" >&2; exit 1; }
say() { echo "postgres.sh: $*"; }

[ $# -eq 2 ] || die "usage: postgres.sh <dataDir> <port>"
folder=$1 port=$2 database=${POSTGRES_DB:-audit} password=${POSTGRES_PASSWORD:-}
unset POSTGRES_PASSWORD
case $port in '' | *[!0-9]*) die "'$port' is not a port" ;; esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "'$port' is not a port"
case $database in '' | [!a-z_]* | *[!a-z0-9_]*) die "'$database' is not a plain database name" ;; esac
[ -n "$password" ] || die "POSTGRES_PASSWORD is not set"
case $password in *$'\n'*) die "POSTGRES_PASSWORD has a line break" ;; esac
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
cd /

# --- who runs it -----------------------------------------------------------------------------------------------------
user='' drop=()
choose_user() {
    user=$1
    id -u "$user" >/dev/null 2>&1 || die "user $user does not exist; PostgreSQL cannot run as root"
    drop=(setpriv "--reuid=$(id -u "$user")" "--regid=$(id -g "$user")" --clear-groups)
}

# Parents that are made here stay open to others to pass through; the folder itself is its owner's alone.
make_folder() {
    (umask 022 && mkdir -p "$(dirname "$1")") 2>/dev/null && mkdir -p -m 0700 "$1" 2>/dev/null || return 1
    [ -z "$user" ] || { chown "$user" "$1" && chmod 0700 "$1" && "${drop[@]}" test -w "$1" -a -x "$1"; }
}

if [ "$(id -u)" -eq 0 ]; then
    command -v setpriv >/dev/null || die "PostgreSQL cannot run as root, and setpriv (util-linux), which would change that, is missing"
    owner=$(stat -c %U "$folder/data" 2>/dev/null || true)
    case $owner in
        '' | root | UNKNOWN) if id -u postgres >/dev/null 2>&1; then choose_user postgres; else choose_user nobody; fi ;;
        *) choose_user "$owner" ;;
    esac
    if ! make_folder "$folder"; then
        rmdir "$folder" 2>/dev/null || true
        elsewhere=/var/lib/sutra/$(printf '%s' "$folder" | sha256sum | cut -c1-16)
        say "user $user cannot reach $folder; the data is in $elsewhere"
        folder=$elsewhere
        make_folder "$folder" || die "user $user cannot reach $folder either"
    fi
else
    make_folder "$folder" || die "cannot create $folder"
    [ -w "$folder" ] && [ -x "$folder" ] || die "cannot write to $folder: it belongs to $(stat -c %U "$folder" 2>/dev/null || echo somebody else)"
fi
umask 077
data=$folder/data secret=$folder/password.sha256
as_user() { ${drop[@]+"${drop[@]}"} "$@"; }

# --- which binaries --------------------------------------------------------------------------------------------------
version=$(as_user cat "$data/PG_VERSION" 2>/dev/null || true)
bin=''
major() { "$1/postgres" --version 2>/dev/null | sed -n 's/.* \([0-9][0-9]*\).*/\1/p' | head -n 1; }
candidates() {
    local in_path
    if in_path=$(command -v postgres) && command -v initdb >/dev/null; then dirname "$(readlink -f "$in_path" 2>/dev/null || echo "$in_path")"; fi
    ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV || true
}
# Whole before the first is tried: who still writes when the reader has gone complains of it.
found=$(candidates)
while IFS= read -r candidate; do
    [ -x "$candidate/postgres" ] && [ -x "$candidate/initdb" ] || continue
    # Data can be read only by the major version that wrote it.
    [ -z "$version" ] || [ "$(major "$candidate")" = "$version" ] || continue
    bin=$candidate
    break
done <<< "$found"
if [ -z "$bin" ]; then
    [ -z "$version" ] || die "the data in $data was written by PostgreSQL $version, which is not installed"
    die "initdb and postgres are neither in PATH nor under /usr/lib/postgresql/*/bin"
fi

# --- is it free ------------------------------------------------------------------------------------------------------
# Processes of a killed server linger for a moment; a living server is left alone.
inside() { for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd" 2>/dev/null)" = "$data" ] && { echo "${p#/proc/}"; return; }; done; return 1; }
if [ -d /proc/self ] && as_user test -e "$data/postmaster.pid"; then
    data=$(as_user readlink -f "$data")
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do holder=$(inside) || { holder=''; break; }; sleep 0.25; done
    [ -z "$holder" ] || die "a server (process $holder) already runs on $data"
    # Nobody is there: a number in the file that belongs to some other program by now must not keep the server from starting.
    as_user rm -f "$data/postmaster.pid"
fi

# --- first start, changed password -----------------------------------------------------------------------------------
scratch=''
trap '[ -z "$scratch" ] || rm -rf "$scratch"' EXIT
# SQL on standard input: nothing secret on a command line, nor in the log when it fails.
single_user() {
    as_user "$bin/postgres" --single -D "$1" -c exit_on_error=on -c log_min_messages=fatal -c log_min_error_statement=panic \
        -c unix_socket_directories= postgres >/dev/null
}
# A salted hash tells a changed password without keeping it.
fingerprint() { printf '%s:%s' "$1" "$password" | sha256sum | cut -d' ' -f1; }
remember() {
    local salt
    salt=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s %s\n' "$salt" "$(fingerprint "$salt")" | as_user tee "$secret.new" >/dev/null
    as_user mv -f "$secret.new" "$secret"
}

if [ -z "$version" ]; then
    [ ! -e "$data" ] || die "$data exists but holds no PostgreSQL data"
    say "creating a database in $data"
    scratch=$(mktemp -d)
    printf '%s\n' "$password" > "$scratch/password"
    [ -z "$user" ] || chown -R "$user" "$scratch"
    as_user rm -rf "$data.new"
    # Made beside its place and moved there when complete: a start that was cut short leaves nothing half done.
    as_user "$bin/initdb" -D "$data.new" -U postgres --auth=scram-sha-256 --pwfile="$scratch/password" \
        --encoding=UTF8 --locale=C --data-checksums --no-instructions > "$scratch/log" 2>&1 \
        || die "initdb failed: $(grep -i error "$scratch/log" | head -n 1 || tail -n 1 "$scratch/log")"
    echo "CREATE DATABASE $database" | single_user "$data.new" || die "cannot create the database $database"
    remember
    as_user mv "$data.new" "$data"
else
    stored=$(as_user cat "$secret" 2>/dev/null || true)
    salt=${stored%% *}
    if [ -z "$stored" ] || [ "${stored##* }" != "$(fingerprint "$salt")" ]; then
        say "the password has changed; taking the new one over"
        printf "ALTER ROLE postgres PASSWORD '%s'\n" "${password//\'/\'\'}" | single_user "$data" || die "cannot change the password"
        remember
    fi
fi
[ -z "$scratch" ] || { rm -rf "$scratch"; scratch=''; }

# --- serve -----------------------------------------------------------------------------------------------------------
password=''
server=("$bin/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c logging_collector=off -c log_destination=stderr -c log_line_prefix= -c shared_buffers=32MB -c max_connections=100)
say "PostgreSQL $(major "$bin") on 127.0.0.1:$port, data in $data${user:+, as user $user}"

if ! command -v setpriv >/dev/null || ! setpriv --pdeathsig INT true 2>/dev/null; then
    exec ${drop[@]+"${drop[@]}"} "${server[@]}"
fi

# PostgreSQL reads SIGTERM as "when the last client has gone", which a connection pool never does; SIGINT is "now, cleanly".
# So this shell stays, turns one into the other, and the kernel sends SIGINT should the shell itself be killed.
if [ ${#drop[@]} -gt 0 ]; then drop+=(--pdeathsig INT); else drop=(setpriv --pdeathsig INT); fi
"${drop[@]}" "${server[@]}" &
child=$!
stop() { while kill -INT "$child" 2>/dev/null; do sleep 0.1; done; }
trap stop TERM INT HUP
status=0
while kill -0 "$child" 2>/dev/null; do wait "$child" && status=0 || status=$?; done
wait "$child" 2>/dev/null && status=0 || { s=$?; [ $s -eq 127 ] || status=$s; }
exit "$status"
