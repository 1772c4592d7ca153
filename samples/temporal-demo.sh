#!/usr/bin/env bash
# Shows a failover: the engine, two workers, and a run against the stand-in. The worker
# that sends is killed, and the other one goes on. It needs what make temporal-demo
# builds, and no account; nothing leaves this machine.
set -euo pipefail
bin=$(cd "$(dirname "$0")/../bin" && pwd)
dir=$(mktemp -d)
cd "$dir"
trap 'trap "" TERM; kill $(jobs -p) 2>/dev/null; wait; rm -rf "$dir"' EXIT

say() { printf '\n# %s\n' "$*"; }
confirm() { "$bin/cognito-confirm-temporal" "$@"; }

say "the engine, the stand-in for Cognito, and two workers"
"$bin/temporal" server start-dev --headless --ip 127.0.0.1 --port 17233 --log-level never &>/dev/null &
"$bin/cognito-confirm" emulator --addr 127.0.0.1:19229 --quota 50 --live 10 --latency 30ms 2>/dev/null &
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_EC2_METADATA_DISABLED=true TEMPORAL_ADDRESS=127.0.0.1:17233
export COGNITO_CONFIRM_USER_POOL_ID=us-east-1_Emulator0 COGNITO_CONFIRM_ENDPOINT_URL=http://127.0.0.1:19229
until "$bin/temporal" operator namespace describe default --address "$TEMPORAL_ADDRESS" &>/dev/null; do sleep 0.5; done
# Not through the function: in the end, the worker itself is to be killed.
for _ in 1 2; do "$bin/cognito-confirm-temporal" worker 2>/dev/null & done

say "a run of 1,500 users; its files are in $dir/store"
{ echo username; seq -f 'user%04.0f@example.com' 1500; } >users.csv
confirm start users.csv --store store --rate auto --chunk-rows 500
sleep 12
confirm status

sender=$(confirm status --json | sed -n 's/.*"worker": "\([0-9]*\)@.*/\1/p')
say "kill -9 of the worker that sends, process $sender"
kill -9 "$sender"
SECONDS=0
before=$(confirm status --json | sed -n 's/.*"attempt": \([0-9]*\).*/\1/p')
until [ "$(confirm status --json | sed -n 's/.*"attempt": \([0-9]*\).*/\1/p')" != "$before" ]; do sleep 0.5; done
say "after $SECONDS s the other one goes on"
sleep 12
confirm status

say "the end"
confirm wait
head -3 store/*/report.csv
