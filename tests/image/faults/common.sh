# shellcheck shell=bash
# Sourced by the checks of what imager does when something is wrong: NAME IMAGER REPOSITORY. A folder of its own in $work,
# definitions of its own in $definitions, a cache and a home of its own; all of it is gone at the end.
imager=$1 repository=$2
ours=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/images/definitions
work=$(mktemp -d "${TMPDIR:-/var/tmp}/photon-faults.XXXXXX")
definitions=$work/definitions output=$work/output failed=0
finish() {
  local status=$?
  trap - EXIT
  leave
  rm -rf --one-file-system "$work"
  exit "$status"
}
leave() { :; } # what a check has started
trap finish EXIT
mkdir "$definitions"
cp "$ours"/*.toml "$definitions"
# The key that signs stays the machine's own: making one takes seconds.
export XDG_DATA_HOME=${XDG_DATA_HOME:-$HOME/.local/share} XDG_CACHE_HOME=$work/cache

ok() { echo "ok    $1"; }
wrong() { echo "FAIL  $1"; tail -20 <<<"$2" | sed 's/^/      /'; failed=1; }
check() { # WORDS COMMAND…
  local words=$1 said; shift
  if said=$("$@" 2>&1); then ok "$words"; else wrong "$words" "$said"; fi
}
define() { cat >"$definitions/$1.toml"; }
build() { "$imager" build "$@" --repository "${REPOSITORY:-$repository}" --definitions "$definitions"; }
# Nothing is half-made: no image, no scratch folder, no lock.
nothing_in() { local left; left=$(find "$1" -mindepth 1 2>/dev/null) || return 0; [ -z "$left" ] || { echo "$left"; return 1; }; }

# refuses WORDS STATUS PATTERN HINT COMMAND…: that exit status; one line that begins with "imager: " and matches PATTERN; below
# it, indented, how to mend it, which matches HINT. Nothing is left in $output. All that was said is in $said.
refuses() {
  local words=$1 status=$2 pattern=$3 hint=$4 got=0 line mend left
  shift 4
  said=$("$@" 2>&1 >"$work/answer") || got=$?
  line=$(grep -n '^imager: ' <<<"$said" || true)
  mend=$(tail -n +"$((${line%%:*} + 1))" <<<"$said" 2>/dev/null)
  if [ "$got" != "$status" ]; then wrong "$words: status $got instead of $status" "$said"
  elif [ "$(grep -c '^imager: ' <<<"$said")" != 1 ] || grep -qv '^  ' <<<"$mend"; then wrong "$words: more than a line and how to mend it" "$said"
  elif ! grep -qE -- "$pattern" <<<"$line"; then wrong "$words: not $pattern" "$said"
  elif ! grep -qE -- "$hint" <<<"$mend"; then wrong "$words: not \"$hint\" below it" "$said"
  elif [ -s "$work/answer" ]; then wrong "$words: and yet an answer" "$(cat "$work/answer")"
  elif ! left=$(nothing_in "$output"); then wrong "$words: something is left" "$left"
  else ok "$words: ${line#*:}"; fi
}
end() { exit "$failed"; }
