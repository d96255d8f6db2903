#include "devenv/core/derived.hpp"
#include "devenv/core/process.hpp"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {

namespace {

/// When it is started again, containerd 1.7 and later ends the shim of a container that has no process by its
/// runtime's word. crun and runc count those of a control group, and an ordinary user's containers have none:
/// all would be lost. So `ps` is answered by the first process that the runtime remembers.
constexpr std::string_view door = R"(#!/bin/sh
# Written by devenvd: calls the runtime, and answers "ps" where there are no control groups to count in.
runtime='{}'
case " $* " in
*' ps --format json '*) ;;
*) exec "$runtime" "$@" ;;
esac
root=
while [ $# -gt 1 ]; do
  [ "$1" = --root ] && root=$2
  shift
done
pid=$("$runtime" --root "$root" state "$1" | sed -n 's/.*"pid": *\([1-9][0-9]*\).*/\1/p')
echo "[$pid]"
)";

}  // namespace

RuntimeChoice::RuntimeChoice(std::string asked, std::string file, std::string doors, bool runc_first)
    : known_(std::move(asked)), file_(std::move(file)), doors_(std::move(doors)), runc_first_(runc_first) {
  if (!known_.empty()) return;
  auto kept = read_file(file_, 64);
  if (!kept) return;
  while (!kept->empty() && kept->back() == '\n') kept->pop_back();
  if ((*kept == "crun" || *kept == "runc") && find_program(*kept)) known_ = *kept;
}

std::vector<std::string> RuntimeChoice::candidates() {
  std::lock_guard lock(mutex_);
  if (!known_.empty()) return {known_};
  std::vector<std::string> found;
  for (const char* name : {"crun", "runc"})
    if (find_program(name)) found.emplace_back(name);
  if (runc_first_) std::reverse(found.begin(), found.end());
  return found;
}

void RuntimeChoice::worked(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (known_ == name) return;
  known_ = name;
  (void)write_derived(file_, name + "\n");  // only saves the next daemon one attempt
}

Result<std::string> RuntimeChoice::program(const std::string& name) {
  // By its path: an ordinary user's PATH, which containerd has from us, lacks /usr/sbin.
  auto path = find_program(name).value_or(name);
  if (doors_.empty() || path.find('\'') != path.npos) return path;
  PHOTON_CHECK(make_directories(doors_));
  auto made = doors_ + "/" + path.substr(path.rfind('/') + 1);
  auto text = std::string(door);
  text.replace(text.find("{}"), 2, path);
  if (read_file(made, 4096).value_or("") != text) PHOTON_CHECK(write_derived(made, text, 0755));
  return made;
}

std::string RuntimeChoice::described() {
  const auto names = candidates();
  if (names.empty()) return "none";
  std::lock_guard lock(mutex_);
  std::string& version = versions_[names.front()];
  if (version.empty()) {
    const auto output = run({.argv = {names.front(), "--version"}}, {}, std::chrono::seconds(5));
    // "crun version 1.8.1" and more lines
    std::string first = output ? output->out.substr(0, output->out.find('\n')) : names.front();
    if (const auto at = first.find("version "); at != std::string::npos) first.erase(at, 8);
    version = std::move(first);
  }
  return version;
}

}  // namespace photon::engine
