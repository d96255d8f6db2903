#include "devenv/cli/ssh_files.hpp"

#include <unistd.h>

#include <cstdlib>

#include "devenv/core/derived.hpp"

namespace photon::cli {
namespace {

/// A value of ssh_config: quoted, and % would begin a token.
std::string in_quotes(std::string_view path) {
  std::string out = "\"";
  for (char c : path)
    out += c == '%' ? std::string("%%") : c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

std::string include_line(const SshFiles& files) {
  return fmt::format("Include {}\n", in_quotes(files.include));
}

std::string proxy_command(const std::string& program, std::string_view name) {
  std::string word = shell_word(program);
  std::string safe;
  for (char c : word) safe += c == '%' ? std::string("%%") : std::string(1, c);
  return fmt::format("{} ssh-proxy {}", safe, name);
}

constexpr std::string_view common_block = "Host *.devenv\n";

std::string block_of(const std::string& name, const std::string& program) {
  return fmt::format("Host {0}.devenv\n  User {0}\n  ProxyCommand {1}\n", name, proxy_command(program, name));
}

/// A symbolic link of somebody's dotfiles stays one.
std::string real_path(const std::string& path) {
  std::error_code error;
  auto real = std::filesystem::weakly_canonical(path, error);
  return error ? path : real.string();
}

Result<std::string> read_or_empty(const std::string& path) {
  auto text = read_file(path);
  if (!text && text.error().kind == Kind::not_found) return std::string();
  return text;
}

}  // namespace

Result<SshFiles> ssh_files() {
  PHOTON_TRY(auto paths, user_paths());
  const char* home = std::getenv("HOME");
  return SshFiles{paths.config + "/ssh_config", paths.config + "/known_hosts",
                  std::string(home && *home ? home : "/root") + "/.ssh/config", paths.config + "/id_ed25519"};
}

Result<std::string> known_hosts_line(client::Client& daemon) {
  auto path = daemon.paths().runtime + "/ssh_host_ed25519_key.pub";
  auto text = read_file(path, 4096);
  if (!text)
    return fail(Kind::unavailable, "cli.host_key",
                "the daemon's host key cannot be read: " + text.error().message,
                "devenv status shows which daemon answers; it makes the key when it starts");
  auto end = text->find('\n');
  return fmt::format("*.devenv {}\n", text->substr(0, end));
}

std::string ssh_config_text(const SshFiles& files, const std::vector<wire::Environment>& environments,
                            const std::string& program) {
  std::string out =
      "# Written by devenv ssh-config --write, and again by devenv up and rm: changes here are lost.\n";
  for (const auto& one : environments) out += block_of(one.name, program);
  out += fmt::format(
      "{}  ProxyUseFdpass yes\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile none\n"
      "  StrictHostKeyChecking yes\n  CheckHostIP no\n  IdentityFile {}\n  ServerAliveInterval 30\n"
      "Host *\n",
      common_block, in_quotes(files.known_hosts), in_quotes(files.key));
  return out;
}

bool ssh_files_written() {
  auto files = ssh_files();
  return files && ::access(files->include.c_str(), R_OK) == 0;
}

Result<void> write_ssh_files(Context& context) {
  PHOTON_TRY(auto files, ssh_files());
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_CHECK(client::own_key(paths));
  PHOTON_TRY(auto known, known_hosts_line(*daemon));
  PHOTON_TRY(auto all, daemon->environments());
  PHOTON_CHECK(make_directories(paths.config));
  PHOTON_CHECK(write_derived(files.known_hosts, known));
  PHOTON_CHECK(write_derived(files.include, ssh_config_text(files, all, own_program())));
  PHOTON_TRY(auto config, read_or_empty(files.user_config));
  if (config.find(include_line(files)) != std::string::npos) return {};
  PHOTON_CHECK(make_directories(std::filesystem::path(files.user_config).parent_path().string()));
  // First in the file: an Include below a Host line would belong to that host alone.
  return write_file(real_path(files.user_config), include_line(files) + config);
}

Result<void> remove_ssh_files() {
  PHOTON_TRY(auto files, ssh_files());
  PHOTON_TRY(auto config, read_or_empty(files.user_config));
  auto line = include_line(files);
  if (auto at = config.find(line); at != std::string::npos) {
    config.erase(at, line.size());
    PHOTON_CHECK(write_file(real_path(files.user_config), config));
  }
  for (const auto& path : {files.include, files.known_hosts})
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) return fail_errno("remove " + path, errno);
  return {};
}

Result<void> refresh_ssh_files(Context& context) {
  if (!ssh_files_written()) return {};
  return write_ssh_files(context);
}

Result<void> add_to_ssh_files(Context& context, const std::string& name) {
  if (!ssh_files_written()) return {};
  PHOTON_TRY(auto files, ssh_files());
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto known, known_hosts_line(*daemon));
  PHOTON_TRY(auto text, read_file(files.include));
  auto block = block_of(name, own_program());
  auto common = text.find(common_block);
  bool same_daemon = read_or_empty(files.known_hosts).value_or("") == known;
  if (same_daemon && text.find(block) != std::string::npos) return {};
  bool stale = text.find(block.substr(0, block.find('\n') + 1)) != std::string::npos;
  if (!same_daemon || stale || common == std::string::npos) return write_ssh_files(context);
  return write_derived(files.include, text.insert(common, block));
}

Result<std::vector<std::string>> ssh_command_line(client::Client& daemon, const std::string& name) {
  PHOTON_TRY(auto files, ssh_files());
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_TRY(auto key, client::own_key(paths));
  PHOTON_TRY(auto known, known_hosts_line(daemon));
  PHOTON_CHECK(make_directories(paths.config));
  auto present = read_file(files.known_hosts);
  if (!present || *present != known) PHOTON_CHECK(write_derived(files.known_hosts, known));
  std::vector<std::string> out{"ssh"};
  for (const auto& option :
       {fmt::format("ProxyCommand={}", proxy_command(own_program(), name)), std::string("ProxyUseFdpass=yes"),
        fmt::format("User={}", name), fmt::format("UserKnownHostsFile={}", in_quotes(files.known_hosts)),
        std::string("GlobalKnownHostsFile=none"), std::string("StrictHostKeyChecking=yes"),
        fmt::format("IdentityFile={}", in_quotes(key))}) {
    out.push_back("-o");
    out.push_back(option);
  }
  out.push_back(name + ".devenv");
  return out;
}

}  // namespace photon::cli
