// Small packages made with rpmbuild, a store that has them, a key: what a publication needs.
#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "devenv/core/process.hpp"
#include "packages/forge/publish/publish.hpp"
#include "packages/forge/store/store.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge::tests {

struct Wanted {
  std::string name = "apple";
  std::string version = "1.0";
  std::string arch = "x86_64";  ///< of the package: or "noarch"
  std::string needs{};
  Origin origin = Origin::source;
  std::string built_for = "x86_64";  ///< of the build
  std::string recipe{};              ///< empty: the name
  std::string license = "MIT";
  std::string shared{};  ///< text of a file that others have as well
  std::string conflicts{};
};

/// Runs to the end; its output is in the failure where the status is another.
Output must_run(std::vector<std::string> argv, std::map<std::string, std::string> environment = {},
                int status = 0);
/// Those that do not change are made once in a process.
Built make_built(const Wanted& wanted, Store& store, const std::string& scratch);
/// One key for the whole process: to make one takes a second.
const SigningKey& the_key();

class PublishTest : public testing::Test {
 protected:
  void SetUp() override;
  Built built(const Wanted& wanted) { return make_built(wanted, *store_, folder_.path + "/build"); }
  Result<Published> publish_all(const std::vector<Built>& packages);
  /// Fails the test where it is refused.
  Published must_publish(const std::vector<Built>& packages);
  [[nodiscard]] std::string at(const std::string& path) const { return options_.folder + "/" + path; }

  fixtures::TempFolder folder_;
  std::unique_ptr<Store> store_;
  PublishOptions options_;
};

std::string text_of(const std::string& path);
/// Every href of the metadata, read as a client does: repomd.xml and what it names. A fault is in `fault`.
struct Seen {
  std::vector<std::string> packages{};
  std::string revision{}, fault{};
};
Seen read_repository(const std::string& folder);
/// The one file of repodata whose name ends so.
std::string repodata_file(const std::string& folder, const std::string& ending);

}  // namespace photon::forge::tests
