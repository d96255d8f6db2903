// Shell functions for scripts that look at installed features. Any POSIX shell takes them.
#include "devenv/devcontainer/features_test.hpp"

namespace photon::devcontainer {

std::string_view test_library() {
  return R"library(# dev-container-features-test-lib: sourced by scripts that look at what features have installed.
#   check LABEL COMMAND [WORD...]                    passes if the command does
#   checkMultiple LABEL LEAST COMMAND [COMMAND...]   passes if at least so many of the commands do
#   reportResults                                    ends the script: 1 if a check has failed
SCRIPT_FOLDER=$(cd "$(dirname "$0")" && pwd)
USERNAME=${1:-root}
: "${HOME:=/root}"
FAILED=

echoStderr() {
  echo "$@" >&2
}

_passed() {
  printf '\n\n%s\n' "$1"
  return 0
}

_failed() {
  printf '\n\n'
  echoStderr "❌ $2 check failed."
  FAILED="${FAILED:+$FAILED }$1"
  return 1
}

check() {
  LABEL=$1
  shift
  printf '\n\n%b\n\033[37m\n' "🔄 Testing '$LABEL'"
  if "$@"; then
    _passed "✅  Passed '$LABEL'!"
  else
    _failed "$LABEL" "$LABEL"
  fi
}

checkMultiple() {
  PASSED=0
  LABEL=$1
  MINIMUMPASSED=$2
  printf '\n\n%b\n' "🔄 Testing '$LABEL'."
  shift 2
  while [ -n "$1" ]; do
    if $1; then PASSED=$((PASSED + 1)); fi
    shift
  done
  if [ "$PASSED" -ge "$MINIMUMPASSED" ]; then
    _passed "✅ Passed!"
  else
    _failed "$LABEL" "'$LABEL'"
  fi
}

reportResults() {
  if [ -n "$FAILED" ]; then
    printf '\n\n'
    printf '%b\n' "💥  Failed tests: $FAILED" >&2
    exit 1
  fi
  printf '\n\nTest Passed!\n'
  exit 0
}
)library";
}

}  // namespace photon::devcontainer
