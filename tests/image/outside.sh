# shellcheck shell=bash
# Sourced by what starts machines: a folder of its own in $work, a key for them in $PHOTON_KEY, and a server of git
# repositories where one is asked for. All of it is gone at the end.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/photon-machine.XXXXXX")
server=
finish() {
  local status=$?
  trap - EXIT
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf --one-file-system "$work"
  exit $status
}
trap finish EXIT
export PHOTON_KEY=$work/key PHOTON_HTTP
ssh-keygen -q -t ed25519 -N "" -f "$PHOTON_KEY"

# serve FOLDER: its repositories by HTTP, on port $PHOTON_HTTP.
serve() {
  "$tests/fixtures/git/serve-http" "$1" >"$work/port" 2>"$work/http.log" &
  server=$!
  for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.05; done
  PHOTON_HTTP=$(head -1 "$work/port")
}
