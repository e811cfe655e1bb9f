#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors, runs all tests. Ends with one line: N passed, N failed, N skipped.
# --long: the long profile of docs/testing.md, more than an hour.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$top"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

limit=60m
if [ "${1:-}" = --long ]; then
  export CALLMIRROR_LONG=1
  limit=90m
fi

. deploy/prerequisites.sh
need_dotnet
need_libpcap
need_rabbitmq
need_python_pika
need_python_websockets
need_node_amqplib
need_network_tools
need_sipp
need_chromium

configuration=${CONFIGURATION:-Release}
dotnet build Microservices.sln -c "$configuration" -v quiet -warnaserror || { echo "the build failed"; exit 1; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
for project in tests/*.Tests; do
  name=$(basename "$project")
  # Each test project is a program that runs its own tests: a runner in between adds a pipe that, on a busy machine, loses the last results.
  # One that hangs fails the run instead of holding it up.
  timeout --kill-after=20 "$limit" "$project/bin/$configuration/net10.0/CallMirror.$name" -noLogo -noColor -trx "$results/$name.trx" || status=1
done

# A project that wrote no result has run nothing, and that is a failure too.
count() { cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
total=$(count total) passed=$(count passed) failed=$(count failed)
[ "$(ls "$results"/*.trx 2>/dev/null | wc -l)" = "$(ls -d tests/*.Tests | wc -l)" ] || { echo "a test project ran no test"; status=1; }
[ "$failed" = 0 ] && [ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $((total - passed - failed)) skipped"
exit $status
