// config.toml → one struct. A missing file means defaults; what is wrong in it is an error with its place.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::config {

struct Config {
  std::string default_image = "devenv/base:latest";
  struct Ssh {
    std::string listen;                        ///< "" = no TCP port, or ADDRESS:PORT
    std::vector<std::string> authorized_keys;  ///< may enter every environment
    bool operator==(const Ssh&) const = default;
  } ssh;
  struct Registries {
    std::vector<std::string> plain_http;                      ///< HOST or HOST:PORT without TLS
    std::map<std::string, std::vector<std::string>> mirrors;  ///< host → hosts that are asked before it
    std::string ca_file;                                      ///< "" = the system's
    bool operator==(const Registries&) const = default;
  } registries;
  struct Containerd {
    std::string system = "auto";  ///< auto, use, never
    std::string socket = "/run/containerd/containerd.sock";
    std::string runtime;  ///< "" = probed: crun, else runc
    bool operator==(const Containerd&) const = default;
  } containerd;
  struct Open {
    std::string with;  ///< of `devenv open`; "" = the first that is installed
    bool operator==(const Open&) const = default;
  } open;
  struct Log {
    std::string level = "info";  ///< debug, info, warning, error
    bool operator==(const Log&) const = default;
  } log;
  bool operator==(const Config&) const = default;
};

struct Loaded {
  Config config;
  std::map<std::string, Place> places;  ///< of what a file says: "ssh.listen", "registries.mirrors.HOST"
};

/// Later files win, value by value. One that is not there says nothing.
Result<Loaded> load(const std::vector<std::string>& files);
/// `file` is what errors call it.
Result<Loaded> parse(const std::string& text, const std::string& file);

/// config.toml of the machine, then the user's own; the first alone for the machine's daemon and root.
Result<std::vector<std::string>> files(bool system);

struct Setting {
  std::string key;  ///< "ssh.listen"; "registries.mirrors.HOST" stands for any host
  std::string doc;
  bool list = false;
  std::vector<std::string> value;      ///< one text, unless it is a list
  std::vector<std::string> otherwise;  ///< the default
  std::optional<Place> from;           ///< nullopt: nobody said it, it is the default
  bool daemon = true;                  ///< the daemon reads it when it starts
};
/// Every setting, in the order of the manual.
std::vector<Setting> describe(const Loaded& loaded = {});
/// One of them. The error names the nearest.
Result<Setting> find(const Loaded& loaded, const std::string& key);
/// "a", or ["a", "b"]
std::string as_toml(const Setting& setting);

/// Writes one value (whole or not at all) and keeps the rest of the file, comments too. A list is given as
/// "a, b". The file as it would be must load, or nothing is written.
Result<void> set(const std::string& file, const std::string& key, const std::string& value);

}  // namespace photon::config
