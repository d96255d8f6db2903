// Debian's docker-registry on a free port, its store in a temporary folder, with a login if one is given.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/process.hpp"

namespace photon::fixtures {

struct Layer {
  std::string bytes;    ///< as pushed
  std::string diff_id;  ///< digest of the tar
  std::string media_type;
};
/// A tar with one file of that content; `encoding` is "", "gzip" or "zstd".
Layer make_layer(const std::string& folder, const std::string& content, const std::string& encoding);

class DockerRegistry {
 public:
  explicit DockerRegistry(std::string folder, std::string user = {}, std::string password = {});
  ~DockerRegistry();
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int port() const { return port_; }
  /// Pushes a config, the layers and a manifest, as an index for two platforms if asked; returns the digest
  /// that the tag names.
  std::string push(const std::string& repository, const std::string& tag, const std::vector<Layer>& layers,
                   bool index = false);
  /// The file that holds a blob: for a test that spoils it.
  [[nodiscard]] std::string blob_file(const std::string& digest) const;
  void put_blob(const std::string& repository, const std::string& bytes);
  std::string put_manifest(const std::string& repository, const std::string& tag, const std::string& type,
                           const std::string& bytes);

 private:
  std::string curl(std::vector<std::string> arguments, const std::string& input = {});
  std::string folder_;
  std::string user_;
  int port_ = 0;
  Fd log_;
  Child child_;
};

}  // namespace photon::fixtures
