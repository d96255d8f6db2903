# shellcheck shell=bash
# Sourced by what looks into a started machine, whose SSH answers on $PHOTON_SSH_PORT and takes $PHOTON_KEY.
common=(-i "$PHOTON_KEY" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=20)
machine=(-p "$PHOTON_SSH_PORT" "${common[@]}" -o ControlMaster=auto -o "ControlPath=$PHOTON_KEY.%r.%p" -o ControlPersist=600)
failed=0
# What is to be run is put together out here.
# shellcheck disable=SC2029
as() { local who=$1; shift; ssh "${machine[@]}" "$who@127.0.0.1" "$@"; }
on() { as photon "$@"; }

# A seed may still be at work when SSH answers already.
wait_for_login() {
  for _ in $(seq 60); do on true 2>/dev/null && return; sleep 1; done
  echo "FAIL  nobody can log in"; exit 1
}
fails() { echo "FAIL  $1"; printf '      wanted: %s\n      got:    %s\n' "$2" "$(tail -15 <<<"$3")"; failed=1; }
# is WORDS TEXT COMMAND: TEXT is all that the command says. WHO=ann runs it as another user than photon.
is() {
  local got; got=$(as "${WHO:-photon}" "$3" 2>&1)
  if [ "$got" = "$2" ]; then echo "ok    $1"; else fails "$1" "$2" "$got"; fi
}
# has WORDS PATTERN COMMAND: one of its lines matches, and is shown.
has() {
  local got line; got=$(as "${WHO:-photon}" "$3" 2>&1)
  if line=$(grep -m1 -E -- "$2" <<<"$got"); then echo "ok    $1 (${line#"${line%%[![:space:]]*}"})"; else fails "$1" "$2" "$got"; fi
}
# What a part found wrong is wrong of the whole.
fails_below() { failed=1; }
end() { exit "$failed"; }
