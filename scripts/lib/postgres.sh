# A PostgreSQL of our own: temporary directory, free port, TCP on 127.0.0.1 only, no password.

# The server refuses to run as root; Debian's package brings an account for it.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
    else
        "$@"
    fi
}

# start_postgres DIRECTORY PORT
start_postgres() {
    local programs directory=$1 port=$2
    programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$programs" ] || fail "no PostgreSQL under /usr/lib/postgresql"
    pg_ctl=$programs/pg_ctl
    pg_data=$directory/data
    mkdir -p "$directory"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$directory"
    fi
    as_postgres "$programs/initdb" -D "$pg_data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >"$directory.log" 2>&1 || { cat "$directory.log" >&2; return 1; }
    cat >>"$pg_data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 300
CONF
    as_postgres "$pg_ctl" -D "$pg_data" -l "$directory/server.log" -w -t 60 start >>"$directory.log" 2>&1 ||
        { cat "$directory.log" "$directory/server.log" >&2; return 1; }
}

stop_postgres() {
    if [ -n "${pg_data:-}" ] && [ -f "$pg_data/postmaster.pid" ]; then
        as_postgres "$pg_ctl" -D "$pg_data" -w -t 60 -m immediate stop >/dev/null 2>&1 ||
            say "PostgreSQL in $pg_data does not stop"
    fi
}
