#include "devenv/feature/store.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "devenv/unpack/tree.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::feature {
namespace {

namespace fs = std::filesystem;

class FeatureStore : public testing::Test {
 protected:
  static std::string digest(char c) { return "sha256:" + std::string(64, c); }
  std::string keep(char c, const std::string& text) {
    auto draft = store.draft();
    EXPECT_TRUE(draft);
    auto tree = unpack::Tree::open(draft->files());
    EXPECT_TRUE(tree);
    auto file = tree->file("install.sh", true);
    EXPECT_TRUE(file && write_all(file->get(), text));
    auto kept = store.keep(std::move(*draft), digest(c));
    EXPECT_TRUE(kept);
    return kept.value_or("");
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path), {}));
  }
  fixtures::TempFolder folder_;
  Store store{folder_.path};
};

TEST_F(FeatureStore, WhatWasKeptIsFoundAndDraftsGo) {
  EXPECT_FALSE(store.find(digest('a')));
  auto files = keep('a', "one");
  EXPECT_EQ(store.find(digest('a')), files);
  EXPECT_EQ(read_file(files + "/install.sh").value(), "one");
  EXPECT_EQ(entries(), 1U);
  // Whoever comes second finds the first one's, and leaves nothing.
  EXPECT_EQ(keep('a', "two"), files);
  EXPECT_EQ(read_file(files + "/install.sh").value(), "one");
  EXPECT_EQ(entries(), 1U);
  {
    auto dropped = store.draft();
  }
  EXPECT_EQ(entries(), 1U);
  EXPECT_FALSE(store.find("../" + files));
  EXPECT_FALSE(store.keep(std::move(*store.draft()), "sha256:../x"));
}

TEST_F(FeatureStore, WhatAKilledProcessLeftIsSweptAndWhatALivingOneHasIsNot) {
  auto mine = store.draft();
  ASSERT_TRUE(mine);
  const pid_t child = ::fork();
  if (child == 0) {
    auto draft = store.draft();
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_GT(child, 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(entries(), 2U);
  ASSERT_TRUE(store.sweep());
  EXPECT_EQ(entries(), 1U);
  EXPECT_TRUE(fs::exists(mine->archive().substr(0, mine->archive().rfind('/'))));
}

TEST_F(FeatureStore, CollectKeepsWhatIsWanted) {
  keep('a', "four");
  keep('b', "sixsix");
  EXPECT_EQ(store.collect({digest('a')}).value(), 6U);
  EXPECT_TRUE(store.find(digest('a')));
  EXPECT_FALSE(store.find(digest('b')));
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(Store(folder_.path + "/none").collect({}).value(), 0U);
}

}  // namespace
}  // namespace photon::feature
