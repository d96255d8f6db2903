#include "devenv/unpack/tree.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "devenv/core/process.hpp"
#include "devenv/unpack/unpack.hpp"
#include "tests/fixtures/tar.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::unpack {
namespace {

using fixtures::tar_of;
using fixtures::TarMember;
using testing::HasSubstr;

class Unpacked : public testing::Test {
 protected:
  Result<void> unpacked(const std::string& bytes, const Bounds& bounds = {}) {
    EXPECT_TRUE(write_file(folder_.path + "/archive", bytes));
    auto tree = Tree::open(out());
    if (!tree) return tl::unexpected(tree.error());
    return unpack({"it", folder_.path + "/archive"}, *tree, bounds, {});
  }
  std::string fault(const std::vector<TarMember>& members, const Bounds& bounds = {}) {
    auto done = unpacked(tar_of(members), bounds);
    EXPECT_TRUE(done || done.error().kind == Kind::corrupt);
    return done ? "no fault" : done.error().message;
  }
  std::string out() const { return folder_.path + "/out/feature"; }
  std::string content(const std::string& name) const {
    return read_file(out() + "/" + name).value_or("none");
  }
  unsigned mode(const std::string& name) const {
    struct stat found{};
    return ::stat((out() + "/" + name).c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
  }
  fixtures::TempFolder folder_;
};

TEST_F(Unpacked, FilesFoldersAndLinksOfItsOwn) {
  std::vector<TarMember> members{{"./", "", '5', 0755},
                                 {"./install.sh", "#!/bin/sh\n", '0', 0755},
                                 {"./lib/more/data", "text", '0', 04644},
                                 {"./lib/link", "../install.sh", '2'},
                                 {"./again", "lib/more/data", '1'},
                                 {"./empty", "", '5', 0700}};
  auto tar = tar_of(members);
  ASSERT_TRUE(unpacked(tar));
  EXPECT_EQ(content("install.sh"), "#!/bin/sh\n");
  EXPECT_EQ(content("lib/link"), "#!/bin/sh\n");
  EXPECT_EQ(content("again"), "text");
  EXPECT_EQ(mode("install.sh"), 0755U);
  EXPECT_EQ(mode("lib/more/data"), 0644U) << "no set-id bits";
  EXPECT_EQ(mode("empty"), 0755U);
  std::filesystem::remove_all(out());
  auto packed = run({.argv = {"gzip", "-c"}}, tar);
  ASSERT_TRUE(packed);
  ASSERT_TRUE(unpacked(packed->out)) << "compressed, too";
  EXPECT_EQ(content("lib/more/data"), "text");
}

TEST_F(Unpacked, NothingIsWrittenOutsideOfIt) {
  EXPECT_EQ(fault({{"../evil", "x"}}), "it leads out of its folder by ../evil");
  EXPECT_EQ(fault({{"a/../../evil", "x"}}), "it leads out of its folder by a/../../evil");
  EXPECT_EQ(fault({{"a/..", "", '5'}}), "it leads out of its folder by a/..");
  EXPECT_EQ(fault({{"/tmp/photon-evil", "x"}}), "it has the absolute name /tmp/photon-evil");
  EXPECT_EQ(fault({{"link", "../..", '2'}}), "it has the link link out of its folder, to ../..");
  EXPECT_EQ(fault({{"link", "/etc", '2'}}), "it has the link link out of its folder, to /etc");
  EXPECT_EQ(fault({{"link", "../evil", '1'}}),
            "it has link as a second name of ../evil, which is no file before it");
  EXPECT_EQ(fault({{"link", "/etc/passwd", '1'}}),
            "it has link as a second name of /etc/passwd, which is no file before it");
  // Behind a link nothing is written, wherever it leads.
  EXPECT_THAT(fault({{"d", "", '5'}, {"link", "d", '2'}, {"link/evil", "x"}}),
              HasSubstr("link is a link or a file where a folder is wanted"));
  EXPECT_THAT(fault({{"d/link", "x", '2'}, {"copy", "d/link", '1'}}),
              HasSubstr("d/link, which is no file before it"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path + "/out/evil"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path + "/evil"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/photon-evil"));
}

TEST_F(Unpacked, AFileReplacesALinkOfItsNameAndNotWhatItLeadsTo) {
  ASSERT_TRUE(unpacked(tar_of({{"a", "one"}, {"b", "a", '2'}, {"b", "two"}})));
  EXPECT_EQ(content("a"), "one");
  EXPECT_EQ(content("b"), "two");
}

TEST_F(Unpacked, DevicesAndPipesAreRefused) {
  EXPECT_EQ(fault({{"null", "", '3'}}), "it holds a device: null");
  EXPECT_EQ(fault({{"disk", "", '4'}}), "it holds a device: disk");
  EXPECT_EQ(fault({{"pipe", "", '6'}}), "it holds a FIFO: pipe");
}

TEST_F(Unpacked, Bounds) {
  EXPECT_EQ(fault({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {.entries = 2}), "it has more than 2 entries");
  EXPECT_THAT(fault({{"a", std::string(3 << 20, 'x')}}, {.bytes = 2 << 20}),
              HasSubstr("unpacks to more than 2 MiB"));
  EXPECT_THAT(fault({{"a", std::string(1 << 20, 'x')}, {"b", "a", '1'}, {"c", "a", '1'}}, {.bytes = 2 << 20}),
              HasSubstr("unpacks to more than 2 MiB"))
      << "copies count";
  auto zeros = tar_of({{"a", std::string(8 << 20, '\0')}});
  auto bomb = run({.argv = {"gzip", "-9", "-c"}}, zeros);
  ASSERT_TRUE(bomb);
  auto done = unpacked(bomb->out, {.free = 1 << 20});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "it unpacks to more than 100 times its size");
}

TEST_F(Unpacked, WhatIsNoArchiveIsSaid) {
  for (const auto& bytes : {std::string("<html>not found</html>"), std::string("\x1f\x8b\x08 broken", 10),
                            tar_of({{"a", std::string(4096, 'x')}}).substr(0, 700)}) {
    auto done = unpacked(bytes);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("it cannot be read: "));
  }
}

}  // namespace
}  // namespace photon::unpack
