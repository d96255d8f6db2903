// Who we are for a registry, in the reference's ways, and what it warns of when logins go astray.
#pragma once
#include <map>
#include <set>

#include "devenv/devcontainer/options.hpp"
#include "devenv/image/registry.hpp"
#include "devenv/spec/reference/packages.hpp"

namespace photon::devcontainer {

/// Of a run: one for all registries.
class Auth {
 public:
  /// `log` outlives it. An error: a host is not written as REGISTRY=HOST.
  static Result<Auth> make(const AuthOptions& options, Log& log);

  /// DEVCONTAINERS_OCI_AUTH, then Docker's config.json with its helpers, then GITHUB_TOKEN for its registry.
  [[nodiscard]] Result<image::Login> login(const std::string& registry) const;
  /// For the registry at that base; *this outlives it.
  image::AuthWatch watch(const std::string& base);
  /// "ociAuthDiagnostics"
  [[nodiscard]] spec::reference::Value diagnostics() const;

 private:
  explicit Auth(Log& log) : log_(&log) {}
  Result<void> challenged(const std::string& base, const std::string& asked, const std::string& challenger,
                          const std::string& realm);
  void note(bool& flag, const std::string& what);

  Log* log_;
  bool hardening_ = false;
  std::map<std::string, std::set<std::string>> trusted_;
  bool foreign_realm_ = false;
  bool foreign_registry_ = false;
  bool token_moved_ = false;
};

}  // namespace photon::devcontainer
