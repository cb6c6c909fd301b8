#!/bin/sh
# start: see that a Docker engine answers, on Debian as root by installing and starting one.
# stop:  end the engine that `start` started, and no other.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
pid_file=build/engine.pid

is_ours() {
    pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] &&
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] &&
        ! grep -q '^State:.*zombie' "/proc/$pid/status"
}

wait_until_it_answers() {
    for _ in $(seq 60); do
        if engine_answers; then return 0; fi
        sleep 1
    done
    return 1
}

start() {
    if engine_answers; then
        say "engine: Docker $(docker version --format '{{.Server.Version}}') answers"
        return 0
    fi
    if [ ! -e /etc/debian_version ] || [ "$(id -u)" != 0 ]; then
        die "no Docker engine answers, and only on Debian as root can one be started here:
  - install Docker or Podman's Docker service and start it, or
  - if it runs, see that this user may speak to it (\`docker version\` tells), or
  - run \`make verify\` without an engine, in the pinned local environment"
    fi
    one_at_a_time engine
    install_debian_packages dockerd:docker.io docker:docker.io iptables:iptables
    mkdir -p build
    if [ -d /run/systemd/system ]; then
        systemctl start docker
        wait_until_it_answers || die "systemd could not start Docker (journalctl -u docker)"
        say "engine: systemd runs Docker; \`make engine-stop\` leaves it alone"
        return 0
    fi
    # A session of its own, so that Ctrl-C in make does not reach it.
    nohup setsid dockerd >build/dockerd.log 2>&1 </dev/null 9>&- &
    echo $! >"$pid_file"
    if ! wait_until_it_answers; then
        tail -n 20 build/dockerd.log >&2
        stop
        die "dockerd did not answer within 60 s (build/dockerd.log)"
    fi
    say "engine: started dockerd, pid $(cat "$pid_file")"
}

stop() {
    if ! is_ours; then
        rm -f "$pid_file"
        say "engine: none was started from here"
        return 0
    fi
    pid=$(cat "$pid_file")
    # dockerd ends its containers and its containerd before itself.
    kill -TERM "$pid"
    for _ in $(seq 60); do
        if ! is_ours; then
            rm -f "$pid_file"
            say "engine: stopped dockerd, pid $pid"
            return 0
        fi
        sleep 1
    done
    die "dockerd, pid $pid, is still there after 60 s"
}

case ${1:-} in
    start | stop) "$1" ;;
    *) die_of_usage "usage: $0 start|stop" ;;
esac
