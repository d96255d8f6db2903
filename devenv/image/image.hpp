// Images: from any OCI registry, from archives, and our own base. Writes blobs into the engine's store and
// unpacks them itself (decision 6).
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/secret.hpp"
#include "devenv/core/work.hpp"
#include "devenv/engine/images.hpp"

namespace photon::image {

/// registry/repository[:tag][@digest]; Docker's short names are completed (debian →
/// REGISTRY/library/debian:latest; the name of the default registry is configurable).
struct Reference {
  std::string registry;  ///< host[:port]
  std::string repository;
  std::string tag;  ///< "latest" if neither tag nor digest was given
  std::string digest;
  [[nodiscard]] std::string text() const;
  bool operator==(const Reference&) const = default;
};
Result<Reference> parse_reference(std::string_view text);
/// Where a name without a host leads.
std::string default_registry();

/// Docker's HEALTHCHECK; times in nanoseconds, 0: not said.
struct HealthCheck {
  std::vector<std::string> test;  ///< "CMD", "CMD-SHELL" or "NONE", then words; none: there is no check
  std::int64_t interval = 0;
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t retries = 0;
};

/// What a container needs to know of an image (OCI image-spec config.md).
struct ImageConfig {
  std::string name;
  std::string digest;  ///< of the manifest
  std::string chain;   ///< chain id of the top layer: ContainerSpec::parent
  std::string user;    ///< as written: "", "1000", "dev", "dev:dev"
  std::vector<std::string> env;
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string cwd;
  std::map<std::string, std::string> labels;
  std::string stop_signal;  ///< "SIGINT"
  HealthCheck health;
};

/// What it is made of (OCI image-spec manifest.md; Docker's are alike).
struct Contents {
  std::string name;
  std::string manifest;  ///< its bytes, for this machine's platform
  engine::Descriptor config;
  std::vector<engine::Descriptor> layers;  ///< the lowest first
  std::vector<std::string> diff_ids;       ///< as many
};

/// What an image gets on top of another one, which is left as it is.
struct Extension {
  struct Layer {
    std::string key;  ///< of the engine's: a committed snapshot upon the one before
    std::string made_by;
  };
  std::vector<Layer> layers;
  std::vector<std::string> env;               ///< all of it
  std::string user;                           ///< "" = as it is
  std::map<std::string, std::string> labels;  ///< added to its own
  std::string key;                            ///< by which `find_extended` finds it again
};

struct Login {
  std::string user;
  Secret password;
  bool empty() const { return user.empty() && password.empty(); }
};
/// Docker's config.json (auths, credHelpers, credsStore) of the caller's home and our own login file.
class Logins {
 public:
  /// `docker_folder` holds Docker's config.json; "" = .docker in `home`.
  Logins(std::string home, std::string own_file, std::string docker_folder = {});
  Result<Login> find(const std::string& registry, std::stop_token stop) const;
  /// Kept in our own file, mode 0600, or handed to the configured credential helper.
  Result<void> store(const std::string& registry, const Login& login) const;
  Result<void> forget(const std::string& registry) const;

 private:
  std::string home_;
  std::string own_file_;
  std::string docker_file_;  ///< "" = there is none
};

struct RegistryOptions {
  std::vector<std::string> plain_http;                      ///< beside localhost and 127.0.0.0/8
  std::map<std::string, std::vector<std::string>> mirrors;  ///< registry → base URLs, tried first
  std::string ca_file;                                      ///< beside the system's
};

class Images {
 public:
  Images(engine::ImageStore& store, RegistryOptions options);
  ~Images();
  /// Present and unpacked: no network. `reference` as the user wrote it.
  Result<std::optional<ImageConfig>> find(const std::string& reference);
  /// `find`, else pull and unpack for this machine's platform. Step "image"; resumes; digests checked.
  Result<ImageConfig> ensure(const std::string& reference, const Logins& logins, const Work& work);
  Result<ImageConfig> pull(const std::string& reference, const Logins& logins, const Work& work);
  /// OCI layout or archive, docker-archive, or a plain tar of a root file system (then `name` is required).
  Result<std::vector<ImageConfig>> import(const std::string& path, const std::string& name, const Work& work);
  struct Row {
    std::string name;
    std::string digest;
    std::uint64_t size = 0;  ///< of its blobs
    std::int64_t created = 0;
  };
  Result<std::vector<Row>> list();
  Result<void> remove(const std::string& reference);
  /// Whether the store has that blob.
  Result<bool> holds(const std::string& digest);
  /// nullopt: it is not here, or a part of it is missing.
  Result<std::optional<Contents>> contents(const std::string& reference);
  /// A blob into a new file. Kind not_found: the store has it no more.
  Result<void> copy_blob(const std::string& digest, const std::string& path);
  /// One more name for it; what had that name has it no more.
  Result<void> name(const std::string& reference, const std::string& another);
  /// An image of that name upon `base`.
  Result<ImageConfig> extend(const std::string& base, const Extension& extension, const std::string& name,
                             const Work& work);
  /// Whole and unpacked, by the key of its extension; nullopt: there is none.
  Result<std::optional<ImageConfig>> find_extended(const std::string& key);
  /// To the registry of its name; blobs that are there are not sent.
  Result<void> push(const std::string& reference, const Logins& logins, const Work& work);
  /// An archive in OCI's layout that Docker reads, too, into an open file.
  Result<void> save(const std::string& reference, int file, const Work& work);
  Result<std::uint64_t> gc();  ///< bytes freed

  struct State;  ///< of the files of this folder

 private:
  std::unique_ptr<State> state_;
};

/// Checks a login against the registry without storing it.
Result<void> check_login(const std::string& registry, const Login& login, const RegistryOptions& options,
                         std::stop_token stop);

}  // namespace photon::image
