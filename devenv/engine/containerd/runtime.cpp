#include "devenv/core/derived.hpp"
#include "devenv/core/process.hpp"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {

RuntimeChoice::RuntimeChoice(std::string asked, std::string file, bool runc_first)
    : known_(std::move(asked)), file_(std::move(file)), runc_first_(runc_first) {
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
