#!/usr/bin/env bash
# Runs the unchanged docker-compose.yml on a real engine: up, the demo's call, three transcoders of which one dies in mid call, stop. What is to be
# looked at lands in the folder that the one argument names; tests/Compose.Tests looks. Exit code 77: no engine can be started, nothing was tested.
set -Eeuo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$(realpath "${1:?a folder for the results}")
cd "$top"
. deploy/prerequisites.sh

say() { echo "compose: $1 ($SECONDS s)"; }
skip() { echo "no Docker engine can be started here: $1"; exit 77; }

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

engine=
# A project of this run's own: what is cleaned up is never anybody else's.
export COMPOSE_PROJECT_NAME=callmirror-test-$$
cleanup() {
  local code=$?
  trap - EXIT ERR
  if [ $code != 0 ] && [ $code != 77 ]; then compose logs --no-color --tail 40 2>&1 | tail -n 200 || true; fi
  [ $code = 77 ] || timeout 60 bash -c "$(declare -f compose); compose --profile demo down -v --remove-orphans -t 5" >/dev/null 2>&1 || true
  if [ -n "$engine" ]; then kill "$engine" 2>/dev/null && timeout 30 tail --pid="$engine" -f /dev/null || true; fi
  exit $code
}
trap 'echo "compose: line $LINENO failed: $BASH_COMMAND" >&2' ERR
trap cleanup EXIT
trap 'exit 143' TERM INT

# Until a command succeeds, for so many seconds.
until_true() { # seconds what command...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "compose: waited in vain until $what" >&2; return 1; }
    sleep 0.5
  done
}

start_engine() {
  docker info >/dev/null 2>&1 && return
  need_docker || skip "docker.io, docker-compose and debootstrap are not all installed"
  docker info >/dev/null 2>&1 && return
  [ "$(id -u)" = 0 ] || skip "dockerd needs root"
  setsid dockerd >"$out/dockerd.log" 2>&1 &
  engine=$!
  until_true 160 "dockerd answers" docker info >/dev/null 2>&1 || skip "$(tail -n 1 "$out/dockerd.log")"
}

# A GET without curl.
get() { # port path
  local connection
  exec {connection}<>"/dev/tcp/127.0.0.1/$1" || return
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&$connection
  timeout 5 cat <&$connection
  exec {connection}>&-
}

# Ports that nobody listens on, each another, into the variables that are named.
free_ports() {
  local variable port
  while read -r port; do
    [ $# -gt 0 ] || return 0
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    variable=$1
    shift
    export "$variable=$port"
  done < <(shuf -i 20000-29999)
}

states() { get "$SINK_PAGE_PORT" /api/calls 2>/dev/null | grep -oE '"state": *"[^"]*"' | grep -c "$@"; }
ended() { [ "$(states '"ended"')" -ge "$1" ]; }
talking() { [ "$(states -v '"ended"')" -gt 0 ]; }
healthy() { # how many
  [ "$(compose ps -q | xargs docker inspect -f '{{with .State.Health}}{{.Status}}{{end}}' | grep -c '^healthy$')" -ge "$1" ]
}

# Nothing else on this host shares ports with this run or is heard by its capture, and nobody's own settings count.
settle() {
  unset GATEWAY_URL DEMO_CALL
  export CAPTURE_INTERFACE=lo CAPTURE_FILTER="ether host 02:43:4d:00:00:01"
  free_ports SINK_PAGE_PORT JAEGER_UI_PORT RABBITMQ_UI_PORT RABBITMQ_PORT OTLP_PORT CAPTURE_HEALTH_PORT
  # Not every machine lets its processes raise their limit to what .env asks for.
  local limit
  limit=$(ulimit -Hn)
  if [ "$limit" != unlimited ] && [ "$limit" -lt 65536 ]; then export RABBITMQ_NOFILE=$limit; fi
}

start_engine
settle
bash "$here/base-images.sh"

(unset RABBITMQ_PASSWORD; compose up -d) >"$out/refused.txt" 2>&1 && { echo "compose: started without a password" >&2; exit 1; }
RABBITMQ_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export RABBITMQ_PASSWORD

say "building"
# Limits are for what hangs: the images take two minutes, and on a busy machine a quarter of an hour.
timeout 1500 bash -c "$(declare -f compose); compose --profile demo build" >"$out/build.log" 2>&1 || {
  code=$?
  tail -n 30 "$out/build.log" >&2
  [ $code = 124 ] && echo "compose: building has not ended within 25 minutes; above is what it did last" >&2
  exit 1
}
say "up"
compose up -d >/dev/null 2>"$out/up.log" || { cat "$out/up.log" >&2; exit 1; }
until_true 240 "all seven containers are healthy" healthy 7
say "all healthy"
compose ps -q | xargs docker inspect >"$out/running.json"
compose exec -T rabbitmq rabbitmqctl -q list_users >"$out/users.txt"

say "the demo's call"
compose --profile demo up -d >/dev/null 2>&1
until_true 160 "the demo's four streams have ended" ended 4
docker cp "$(compose ps -q ws-sink):/audio" "$out/demo"

say "three transcoders"
compose up -d --scale transcoder=3 >/dev/null 2>&1
until_true 120 "the three are healthy" healthy 9
compose --profile demo run --rm --no-deps -d replay replay --pcap /samples/hold-resume.pcap --interface lo >/dev/null 2>&1
until_true 80 "the second call is heard" talking
sleep 3
# It stands still with work in hand, and dies with it.
victim=$(compose ps -q transcoder | sed -n 2p)
pid=$(docker inspect -f '{{.State.Pid}}' "$victim")
kill -STOP "$pid" && sleep 1 && kill -KILL "$pid"
say "one of them killed in mid call"
until_true 160 "the second call's streams have ended" ended 8
until_true 120 "the killed one is back" healthy 9
docker inspect "$victim" >"$out/killed.json"
docker cp "$(compose ps -q ws-sink):/audio" "$out/all"

say "stopping"
compose stop capture sip-tracker transcoder ws-gateway ws-sink >/dev/null 2>&1
get "$JAEGER_UI_PORT" / >"$out/telemetry.txt"
compose stop >/dev/null 2>&1
compose ps -q | xargs docker inspect >"$out/stopped.json"
compose logs --no-color >"$out/logs.txt" 2>&1
say "done"
