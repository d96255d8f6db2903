#include "devenv/environment/surroundings.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include "devenv/core/terminal.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/git/git.hpp"

namespace photon::environment {
namespace {

constexpr std::string_view neighbours = "localhost,127.0.0.1,::1,.devenv";

bool on_loopback(std::string_view proxy) {
  if (auto scheme = proxy.find("://"); scheme != proxy.npos) proxy.remove_prefix(scheme + 3);
  if (auto login = proxy.find('@'); login != proxy.npos) proxy.remove_prefix(login + 1);
  return proxy.starts_with("127.") || proxy.starts_with("localhost") || proxy.starts_with("[::1]");
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool is_proxy(std::string_view name) {
  for (std::string_view known : {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy"})
    if (name == known) return true;
  return false;
}

bool names(const std::vector<std::string>& env, std::string_view variable) {
  return std::any_of(env.begin(), env.end(), [&](const std::string& item) {
    return lower(std::string_view(item).substr(0, item.find('='))) == variable;
  });
}

}  // namespace

std::vector<std::string> add_proxies(std::vector<std::string>& env,
                                     const std::map<std::string, std::string>& caller) {
  std::vector<std::string> added;
  std::vector<std::string> warnings;
  std::string direct;
  for (const auto& [variable, value] : caller) {
    auto name = lower(variable);
    if (name == "no_proxy" && direct.size() < value.size()) direct = value;
    if (!is_proxy(name) || value.empty() || names(env, name)) continue;
    if (on_loopback(value))
      warnings.push_back(fmt::format(
          "{} is not set inside: it is a proxy on this machine's loopback, which is out of reach there",
          variable));
    else
      added.push_back(fmt::format("{}={}", variable, value));
  }
  if (!added.empty() && !names(env, "no_proxy"))
    for (const char* variable : {"no_proxy", "NO_PROXY"})
      added.push_back(fmt::format("{}={}{}{}", variable, direct, direct.empty() ? "" : ",", neighbours));
  env.insert(env.end(), added.begin(), added.end());
  return warnings;
}

std::vector<std::string> lacks(const spec::HostRequirements& wanted, const std::string& folder) {
  std::vector<std::string> found;
  auto processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (processors > 0 && wanted.cpus > static_cast<unsigned long>(processors))
    found.push_back(
        fmt::format("\"hostRequirements\" asks for {} CPUs, this machine has {}", wanted.cpus, processors));
  auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
  // A machine sold with 8 GB shows a little less.
  if (wanted.memory > memory + memory / 8)
    found.push_back(fmt::format("\"hostRequirements\" asks for {} of memory, this machine has {}",
                                size_words(wanted.memory), size_words(memory)));
  struct statvfs disk{};
  if (wanted.storage > 0 && ::statvfs(folder.c_str(), &disk) == 0) {
    auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (wanted.storage > free)
      found.push_back(fmt::format("\"hostRequirements\" asks for {} of storage, {} are free",
                                  size_words(wanted.storage), size_words(free)));
  }
  if (wanted.gpu) found.emplace_back("\"hostRequirements\" asks for a GPU, and none is handed in yet");
  return found;
}

std::optional<std::string> lfs_warning(const Record& record, const Folders& folders, std::stop_token stop) {
  if (!record.cloned || !git::uses_lfs(record.folder).value_or(false)) return std::nullopt;
  inside::ExecRequest request;
  request.argv = {"git", "lfs", "version"};
  request.env = record.env;
  request.user = record.user;
  auto found = run_inside(folders, request, std::chrono::seconds(10), {}, stop);
  if (!found || found->status != 0) return "files in Git LFS stay pointers: the image has no git-lfs";
  return fmt::format("files in Git LFS are pointers so far: devenv exec {} -- git lfs pull", record.name);
}

}  // namespace photon::environment
