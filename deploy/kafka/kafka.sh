#!/usr/bin/env bash
# One Apache Kafka node on 127.0.0.1, for development, tests and small sites.
#
#   kafka.sh start|stop|status|format [DIR]
#
# DIR (default: data/ beside this file) holds the log, the settings made from server.properties, the pid and the output.
#   start    fetches the jars when libs/ is missing, formats DIR once, starts the node, returns when it listens
#   stop     ends it and waits until it has gone
#   status   says whether it runs; exit code 0 when it does, 1 when it does not
#   format   only prepares DIR; what is in it stays
# Environment: KAFKA_PORT (9092), KAFKA_CONTROLLER_PORT (KAFKA_PORT + 1), KAFKA_JAVA_OPTS (-Xmx768m).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=$here/libs
port=${KAFKA_PORT:-9092}
controller_port=${KAFKA_CONTROLLER_PORT:-$((port + 1))}
start_seconds=90
stop_seconds=30

fail() {
    echo "kafka.sh: $*" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null || fail "$1 is missing: install $2"
}

# Into a folder of its own first: a download that was cut short must not look like a complete one.
fetch_jars() {
    [ -d "$libs" ] && return
    need mvn "Maven 3.8 or newer (Debian: maven)"
    local fresh
    fresh=$(mktemp -d "$here/libs.XXXXXX")
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$fresh" -DincludeScope=runtime ||
        { rm -rf "$fresh"; fail "the jars could not be fetched"; }
    mv -T "$fresh" "$libs" 2>/dev/null || rm -rf "$fresh"
}

write_settings() {
    local text
    text=$(<"$here/server.properties")
    text=${text//@DIR@/"$dir"}
    text=${text//@PORT@/"$port"}
    printf '%s\n' "${text//@CONTROLLER_PORT@/"$controller_port"}" >"$dir/server.properties"
}

format() {
    need java "Java 17 (Debian: default-jre-headless)"
    fetch_jars
    mkdir -p "$dir"
    write_settings
    [ -f "$dir/log/meta.properties" ] && return
    local id # a random 16 bytes in base64, without the signs that Kafka's ids give a meaning
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'Aa' | tr -d '=')
    java -cp "$libs/*" kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" >"$dir/format.out" 2>&1 ||
        { cat "$dir/format.out" >&2; fail "$dir could not be formatted"; }
}

# The pid in DIR, if it is still a Kafka: after a reboot the number may belong to somebody else.
running() {
    local pid
    pid=$(cat "$dir/kafka.pid" 2>/dev/null) || return 1
    [[ "$(ps -ww -p "$pid" -o args= 2>/dev/null)" == *kafka.Kafka* ]] && echo "$pid"
}

listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

start() {
    running >/dev/null && fail "already running with $dir"
    listening && fail "port $port is taken; name another by KAFKA_PORT"
    format
    # shellcheck disable=SC2086  # the options are several words
    nohup java ${KAFKA_JAVA_OPTS:--Xmx768m} -cp "$libs/*" kafka.Kafka "$dir/server.properties" >"$dir/kafka.out" 2>&1 </dev/null &
    echo $! >"$dir/kafka.pid"
    for ((tenths = 0; tenths < start_seconds * 10; tenths++)); do
        listening && { echo "kafka 127.0.0.1:$port, process $(running), data $dir"; return; }
        running >/dev/null || { tail -n 20 "$dir/kafka.out" >&2; fail "it ended while starting"; }
        sleep 0.1
    done
    stop
    fail "it did not listen on port $port within $start_seconds s; see $dir/kafka.out"
}

stop() {
    local pid
    pid=$(running) || { echo "not running"; return; }
    kill "$pid"
    for ((tenths = 0; tenths < stop_seconds * 10; tenths++)); do
        running >/dev/null || break
        sleep 0.1
    done
    if running >/dev/null; then kill -9 "$pid"; fi
    rm -f "$dir/kafka.pid"
}

status() {
    local pid
    pid=$(running) || { echo "not running"; exit 1; }
    echo "process $pid, data $dir"
}

case "${1:-}" in
start | stop | status | format) ;;
*) sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
dir=$(realpath -m "${2:-$here/data}")
"$1"
