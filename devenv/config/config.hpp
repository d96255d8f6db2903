// config.toml → one struct. A missing file means defaults; what is wrong in it is an error with its place.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::config {

struct Config {
  struct Ssh {
    std::string listen;  ///< "" = no TCP port, or ADDRESS:PORT
    bool operator==(const Ssh&) const = default;
  } ssh;
  std::string default_image = "devenv/base:latest";
  struct Registries {
    std::vector<std::string> plain_http;                      ///< HOST or HOST:PORT without TLS
    std::map<std::string, std::vector<std::string>> mirrors;  ///< host → hosts that are asked before it
    std::string ca_file;                                      ///< "" = the system's
    bool operator==(const Registries&) const = default;
  } registries;
  struct Containerd {
    std::string system_socket = "/run/containerd/containerd.sock";  ///< "" = always one of our own
    std::string runtime;                                            ///< "" = probed: crun, else runc
    bool operator==(const Containerd&) const = default;
  } containerd;
  struct Shell {
    std::string colour = "auto";  ///< auto, always, never
    std::string editor = "code";  ///< of `devenv open`
    bool operator==(const Shell&) const = default;
  } shell;
  struct Log {
    std::string level = "info";  ///< debug, info, warning, error
    bool operator==(const Log&) const = default;
  } log;
  bool operator==(const Config&) const = default;
};

/// No such file: the defaults.
Result<Config> load(const std::string& path);
/// `file` is what errors call it.
Result<Config> parse(const std::string& text, const std::string& file);

struct Setting {
  std::string key;        ///< "ssh.listen"; "registries.mirrors.HOST" stands for any host
  std::string value;      ///< as TOML
  std::string otherwise;  ///< the default, as TOML
  std::string doc;
};
/// Every setting with the value that `config` has.
std::vector<Setting> describe(const Config& config = {});

/// Writes one value (0600, whole or not at all) and keeps the rest of the file as it is. A list is given as
/// "a, b". The file as it would be must load, or nothing is written.
Result<void> set(const std::string& path, const std::string& key, const std::string& value);

}  // namespace photon::config
