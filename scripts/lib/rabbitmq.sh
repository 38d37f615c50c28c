# A RabbitMQ of our own: its own node name, cookie, directories and ports; its own epmd as well, so that it neither needs
# nor disturbs the system's. No plugins.

# start_rabbitmq DIRECTORY PORT DISTRIBUTION_PORT EPMD_PORT
start_rabbitmq() {
    local directory=$1 port=$2 distribution=$3
    rabbit_programs=$(rabbitmq_programs)
    rabbit_directory=$directory
    rabbit_node="bondhub-test-$$@localhost"
    mkdir -p "$directory/home" "$directory/bin"
    rabbitmq_environment "$directory" "$port" "$distribution" "$4" >"$directory/environment"
    cat >"$directory/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$port
disk_free_limit.absolute = 50MB
log.file.level = warning
CONF
    printf '[].\n' >"$directory/enabled_plugins"
    rabbitmq_control >"$directory/bin/rabbitmqctl"
    chmod +x "$directory/bin/rabbitmqctl"

    in_rabbitmq_environment setsid epmd -port "$4" -address 127.0.0.1 >/dev/null 2>&1 &
    rabbit_epmd=$!
    in_rabbitmq_environment setsid "$rabbit_programs/rabbitmq-server" >"$directory/server.log" 2>&1 &
    rabbit_server=$!
    wait_for 120 rabbitmq_is_up || { cat "$directory/server.log" >&2; return 1; }
}

rabbitmq_programs() {
    local programs=/usr/lib/rabbitmq/bin
    [ -x "$programs/rabbitmq-server" ] || fail "no RabbitMQ under $programs"
    printf '%s' "$programs"
}

# Overrides every place where the system's configuration could come in.
rabbitmq_environment() {
    cat <<CONF
HOME=$1/home
ERL_EPMD_PORT=$4
ERL_EPMD_ADDRESS=127.0.0.1
RABBITMQ_NODENAME=$rabbit_node
RABBITMQ_DIST_PORT=$3
RABBITMQ_CONF_ENV_FILE=$1/rabbitmq-env.conf
RABBITMQ_CONFIG_FILE=$1/rabbitmq.conf
RABBITMQ_ADVANCED_CONFIG_FILE=$1/advanced.config
RABBITMQ_ENABLED_PLUGINS_FILE=$1/enabled_plugins
RABBITMQ_MNESIA_BASE=$1/mnesia
RABBITMQ_LOG_BASE=$1/log
RABBITMQ_PID_FILE=$1/pid
RABBITMQ_GENERATED_CONFIG_DIR=$1/generated
LC_ALL=C.UTF-8
CONF
}

# For the background only: the process keeps the id of the job.
in_rabbitmq_environment() {
    local assignments
    mapfile -t assignments <"$rabbit_directory/environment"
    exec env "${assignments[@]}" "$@"
}

# A rabbitmqctl that speaks to our node; Debian's own insists on another account.
rabbitmq_control() {
    printf '#!/bin/sh\nexec env'
    sed "s/.*/ '&'/" "$rabbit_directory/environment" | tr -d '\n'
    printf ' %s/rabbitmqctl "$@"\n' "$rabbit_programs"
}

rabbitmq_is_up() {
    kill -0 "$rabbit_server" && "$rabbit_directory/bin/rabbitmqctl" --quiet await_startup --timeout 60
}

stop_rabbitmq() {
    if [ -n "${rabbit_server:-}" ] && kill -0 "$rabbit_server" 2>/dev/null; then
        timeout 60 "$rabbit_directory/bin/rabbitmqctl" --quiet stop >/dev/null 2>&1 ||
            kill -KILL -- "-$rabbit_server" 2>/dev/null || true
        wait "$rabbit_server" 2>/dev/null || true
    fi
    if [ -n "${rabbit_epmd:-}" ]; then
        kill "$rabbit_epmd" 2>/dev/null || true
        wait "$rabbit_epmd" 2>/dev/null || true
    fi
}
