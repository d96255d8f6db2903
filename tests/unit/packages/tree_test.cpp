// Packages as bytes: the same tree is the same bytes.
#include "devenv/devcontainer/packages/tree.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/unpack/unpack.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::devcontainer {
namespace {

/// Names with a sign for their kind, or "error: …".
std::string read(const std::string& bytes) {
  std::vector<std::string> names;
  auto visit = [&](const unpack::Entry& entry, const unpack::Read&) -> Result<void> {
    const char* kinds[] = {"", "/", "->", "="};
    names.push_back(entry.name + kinds[static_cast<int>(entry.kind)] + entry.target);
    return {};
  };
  auto done = unpack::each_entry({"it", "", bytes}, visit, {}, {});
  return done ? fmt::format("{}", fmt::join(names, " ")) : "error: " + done.error().message;
}

TEST(Tree, TheSameIsTheSameBytes) {
  fixtures::TempFolder folder;
  auto path = folder.path + "/f";
  ASSERT_TRUE(make_directories(path + "/d"));
  ASSERT_TRUE(write_file(path + "/z.sh", "#!/bin/sh\n", 0700));
  ASSERT_TRUE(write_file(path + "/d/a", "x", 0600));
  ASSERT_EQ(::symlink("z.sh", (path + "/l").c_str()), 0);
  auto first = write_tar(read_tree(path).value());
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(write_file(path + "/d/a", "x", 0644));
  EXPECT_EQ(*first, *write_tar(read_tree(path).value()));
  EXPECT_EQ(read(*first), "/ d/ d/a l->z.sh z.sh");
}

TEST(Tree, WhatIsNoFileIsRefused) {
  fixtures::TempFolder folder;
  ASSERT_EQ(::mkfifo((folder.path + "/pipe").c_str(), 0600), 0);
  auto tree = read_tree(folder.path);
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().message, testing::HasSubstr("pipe is neither"));
  EXPECT_FALSE(read_tree(folder.path + "/none"));
}

}  // namespace
}  // namespace photon::devcontainer
