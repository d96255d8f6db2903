#include "packages/forge/sandbox/cgroup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace photon::forge {
namespace {

const std::string base = "/sys/fs/cgroup";

bool put(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  out.flush();
  return out.good();
}

std::string text_in(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

bool has_word(const std::string& list, const std::string& word) {
  std::string item;
  for (std::istringstream words(list); std::getline(words, item, ' ');)
    if (item.substr(0, item.find('\n')) == word) return true;
  return false;
}

/// Where we are: in the old hierarchy of a controller, or with "" in the one.
std::string own(const std::string& controller) {
  std::istringstream lines(text_in("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string names = line.substr(first + 1, second - first - 1), at = line.substr(second + 1);
    if (at.find("/..") != std::string::npos) at = "";
    std::string list = names;
    for (char& c : list)
      if (c == ',') c = ' ';
    if (controller.empty() ? names.empty() : has_word(list, controller)) return at == "/" ? "" : at;
  }
  return "-";
}

/// One of a killed forge is empty; its name says whose it was.
void sweep(const std::string& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    std::string name = entry.path().filename();
    pid_t pid = 0;
    if (!name.starts_with("forge-")) continue;
    std::from_chars(name.data() + 6, name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) < 0 && errno == ESRCH) ::rmdir(entry.path().c_str());
  }
}

std::string new_name() {
  static std::atomic<unsigned> next = 0;
  return "/forge-" + std::to_string(::getpid()) + "-" + std::to_string(next++);
}

/// A new cgroup below ours, or "".
std::string make_below(const std::string& parent, const std::string& name) {
  sweep(parent);
  return ::mkdir((parent + name).c_str(), 0755) == 0 ? parent + name : std::string();
}

}  // namespace

std::unique_ptr<Cgroup> Cgroup::make(std::uint64_t memory, std::uint32_t processes) {
  std::unique_ptr<Cgroup> group(new Cgroup);
  std::string name = new_name();
  auto take = [&](const std::string& folder, bool for_memory, const std::string& file,
                  const std::string& value) {
    if (folder.empty() || !put(folder + "/" + file, value)) return;
    (for_memory ? group->memory_ : group->processes_) = folder;
  };
  if (std::string at = own(""); ::access((base + "/cgroup.controllers").c_str(), F_OK) == 0 && at != "-") {
    // Only where a parent hands its controllers on; systemd does so for a delegated scope.
    put(base + at + "/cgroup.subtree_control", "+memory +pids");
    if (std::string folder = make_below(base + at, name); !folder.empty()) {
      group->folders_.push_back(folder);
      if (memory) take(folder, true, "memory.max", std::to_string(memory));
      if (memory) put(folder + "/memory.swap.max", "0");
      if (processes) take(folder, false, "pids.max", std::to_string(processes));
    }
  } else {
    for (bool for_memory : {true, false}) {
      std::uint64_t most = for_memory ? memory : processes;
      const std::string controller = for_memory ? "memory" : "pids";
      std::string place = own(controller);
      if (most == 0 || place == "-") continue;
      std::string folder = make_below(base + "/" + controller + place, name);
      // In a container we may be shown another root than our path says.
      if (folder.empty()) folder = make_below(base + "/" + controller, name);
      if (folder.empty()) continue;
      group->folders_.push_back(folder);
      take(folder, for_memory, for_memory ? "memory.limit_in_bytes" : "pids.max", std::to_string(most));
    }
  }
  if (group->memory_.empty() && group->processes_.empty()) return nullptr;
  return group;
}

Cgroup::~Cgroup() {
  using namespace std::chrono_literals;
  // The last process may still be counted for a moment.
  for (const auto& folder : folders_)
    for (int tries = 0; ::rmdir(folder.c_str()) < 0 && errno == EBUSY && tries < 50; ++tries)
      std::this_thread::sleep_for(2ms);
}

bool Cgroup::enter(pid_t pid) const {
  for (const auto& folder : folders_)
    if (!put(folder + "/cgroup.procs", std::to_string(pid))) return false;
  return true;
}

bool Cgroup::out_of_memory() const {
  if (memory_.empty()) return false;
  std::string text = text_in(memory_ + "/memory.events") + text_in(memory_ + "/memory.oom_control");
  std::istringstream lines(text);
  std::string word;
  for (std::uint64_t number = 0; lines >> word >> number;)
    if (word == "oom_kill" && number > 0) return true;
  return false;
}

}  // namespace photon::forge
