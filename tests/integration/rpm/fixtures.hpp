// Real parts for the tests of packages/rpm: packages made by rpmbuild, repositories by createrepo_c, keys by
// gpg, a server on loopback.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::rpm::testing {

/// Runs it; a failure fails the test and shows what it said.
std::string must(std::vector<std::string> argv, std::map<std::string, std::string> more = {});

struct Payload {
  std::string path, content;
  std::string attributes{};  ///< "%attr(0644,root,root)", "%config(noreplace)"
};
struct Wanted {
  std::string name, version = "1";
  std::vector<std::string> lines{};  ///< of the spec's head: "Requires: x"
  std::vector<Payload> files{};
  std::string scripts{};  ///< sections: "%post\n…"
  std::string arch = "noarch";
};
/// The path of NAME-VERSION-1.ARCH.rpm below `folder`.
std::string make_rpm(const std::string& folder, const Wanted& wanted);

/// A signing key of the test's own.
struct Key {
  fixtures::TempFolder home;
  std::string name, armoured;
  explicit Key(std::string user);
  ~Key();
  void sign_rpm(const std::string& path) const;
  void sign_metadata(const std::string& repository) const;  ///< repodata/repomd.xml.asc
  [[nodiscard]] std::map<std::string, std::string> environment() const { return {{"GNUPGHOME", home.path}}; }
};

/// createrepo_c with zstd, xz or gz.
void make_repodata(const std::string& folder, const std::string& compression = "gz",
                   const std::vector<std::string>& more = {});

class Server {
 public:
  explicit Server(const std::string& folder, int cut = 0);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::string url;
  /// What has been asked for until now: "path range".
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  fixtures::TempFolder folder_;
  Child child_;
};

}  // namespace photon::rpm::testing
