# Sourced by the scripts at the top: says or installs what is missing. Needs root or sudo only where something is missing.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "callmirror: run as root or install sudo, to: $*" >&2
    return 1
  fi
}

install_packages() { # apt dnf apk: the packages' names in each
  echo "callmirror: installing $1 ..." >&2
  if command -v apt-get >/dev/null; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $1 >/dev/null 2>&1 && return
    as_root apt-get update -qq >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $1 >/dev/null
  elif command -v dnf >/dev/null; then as_root dnf install -y -q $2 >/dev/null
  elif command -v apk >/dev/null; then as_root apk add -q $3 >/dev/null
  else
    echo "callmirror: install $1 with your system's package manager" >&2
    return 1
  fi
}

need_dotnet() {
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    echo "callmirror: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2
    exit 1
  fi
}

need_libpcap() {
  if ! ldconfig -p 2>/dev/null | grep 'libpcap\.so' >/dev/null && ! ls /usr/lib/libpcap.so* /lib/libpcap.so* >/dev/null 2>&1; then
    install_packages libpcap0.8 libpcap libpcap
  fi
}

need_rabbitmq() {
  ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1 && return
  # The tests start brokers of their own: the package must not start the system's. Its script asks policy-rc.d, and 101 is no.
  local policy=/usr/sbin/policy-rc.d made=
  if command -v apt-get >/dev/null && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy" && made=yes
  fi
  install_packages rabbitmq-server rabbitmq-server rabbitmq-server
  local status=$?
  [ -z "$made" ] || as_root rm -f "$policy"
  return $status
}

# For examples/python; the system's own Python, which finds it.
need_python_pika() {
  /usr/bin/python3 -c 'import pika' 2>/dev/null || install_packages python3-pika python3-pika py3-pika
}

# For the listener in docs/listeners.md, which a test runs.
need_python_websockets() {
  /usr/bin/python3 -c 'import websockets' 2>/dev/null || install_packages python3-websockets python3-websockets py3-websockets
}

# For examples/node, beside them.
need_node_amqplib() {
  command -v node >/dev/null || install_packages nodejs nodejs nodejs || return
  command -v npm >/dev/null || install_packages npm npm npm || return
  local examples
  examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/node" && pwd)
  [ "$examples/node_modules/.package-lock.json" -nt "$examples/package-lock.json" ] || (cd "$examples" && npm ci --silent)
}

# Networks of their own for the live tests: ip, sysctl, and iptables for a mirror. Where there is none they are skipped.
need_network_tools() {
  local missing=
  command -v ip >/dev/null || [ -x /usr/sbin/ip ] || missing="iproute2"
  command -v sysctl >/dev/null || [ -x /usr/sbin/sysctl ] || missing="$missing procps"
  command -v iptables >/dev/null || [ -x /usr/sbin/iptables ] || missing="$missing iptables"
  [ -z "$missing" ] || install_packages "$missing" "iproute procps-ng iptables" "iproute2 procps iptables"
}

# Makes calls against a mirrored PBX.
need_sipp() {
  command -v sipp >/dev/null || install_packages sip-tester sipp sipp
}

# A browser for the tests of the sink's page.
need_chromium() {
  command -v chromium >/dev/null || install_packages chromium chromium chromium
}

# An engine, Compose, and what makes the tests' base images.
need_docker() {
  local missing=
  command -v dockerd >/dev/null || missing="docker.io"
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing="$missing docker-compose"
  command -v debootstrap >/dev/null || missing="$missing debootstrap"
  [ -z "$missing" ] || { command -v apt-get >/dev/null && install_packages "$missing"; }
}
