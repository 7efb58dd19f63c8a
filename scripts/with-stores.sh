#!/usr/bin/env bash
# Runs a command with a Redis and a PostgreSQL of its own, named by GENAI_CANCEL_TEST_REDIS_URL and
# GENAI_CANCEL_TEST_POSTGRES_URL, and ends as the command does: bash scripts/with-stores.sh npx vitest run test/stores
# On Debian, as root, what is missing is installed.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "Usage: with-stores.sh <command> [<argument>...]" >&2
  exit 2
fi

postgres_folder() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

install_missing() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ -n "$(postgres_folder)" ] || command -v initdb >/dev/null || missing+=(postgresql)
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "with-stores: ${missing[*]} is not installed." >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # The packages would start servers of their own, at the usual ports.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    no_services=true
  fi
  apt-get update -q
  apt-get install -y -q --no-install-recommends "${missing[@]}"
  if [ -n "${no_services:-}" ]; then rm -f /usr/sbin/policy-rc.d; fi
}

# initdb and postgres refuse to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$folder" "$@"
  else
    "$@"
  fi
}

free_port() {
  node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# Another process may take the port in between: then the server ends at once, and the next port is tried.
start_redis() {
  local port
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >"$folder/redis.log" 2>&1 &
    redis_pid=$!
    while kill -0 "$redis_pid" 2>/dev/null; do
      if redis-cli -p "$port" info server 2>/dev/null | grep -q "^process_id:$redis_pid"; then
        export GENAI_CANCEL_TEST_REDIS_URL="redis://127.0.0.1:$port"
        return 0
      fi
      sleep 0.05
    done
  done
  cat "$folder/redis.log" >&2
  exit 1
}

start_postgres() {
  local data="$folder/postgres" port
  as_postgres "${bin}initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
  }
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    if as_postgres "${bin}pg_ctl" start -w -s -D "$data" -l "$data/server.log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"; then
      postgres_data=$data
      export GENAI_CANCEL_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
      return 0
    fi
  done
  cat "$data/server.log" >&2
  exit 1
}

clean_up() {
  trap - EXIT INT TERM HUP
  if [ -n "${command_pid:-}" ]; then kill -TERM -- "-$command_pid" 2>/dev/null && wait "$command_pid" || true; fi
  if [ -n "${no_services:-}" ]; then rm -f /usr/sbin/policy-rc.d; fi
  if [ -n "${postgres_data:-}" ]; then as_postgres "${bin}pg_ctl" stop -m immediate -s -D "$postgres_data" || true; fi
  if [ -n "${redis_pid:-}" ]; then kill "$redis_pid" 2>/dev/null && wait "$redis_pid" || true; fi
  rm -rf "$folder"
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/genai-cancel-stores-XXXXXX")
trap 'code=$?; clean_up; exit $code' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

install_missing
bin=$(postgres_folder)
bin=${bin:+$bin/}
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
start_redis
start_postgres
echo "with-stores: $GENAI_CANCEL_TEST_REDIS_URL, $GENAI_CANCEL_TEST_POSTGRES_URL" >&2

# In the background, so that a signal to this script is acted upon at once and not after the command; and in a process
# group of its own, since not every command passes a signal on to what it has started.
set -m
"$@" <&0 &
command_pid=$!
set +m
code=0
wait "$command_pid" || code=$?
command_pid=
exit "$code"
