// Packages as bytes: what is read of them, what is refused, and that the same tree is the same bytes.
#include "devenv/devcontainer/packages/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/packages/tree.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::devcontainer {
namespace {

struct Part {
  std::string name;
  unsigned type = AE_IFREG;
  std::string bytes{};
  std::string target{};
  bool hard = false;
};

la_ssize_t keep(::archive*, void* self, const void* bytes, std::size_t size) {
  static_cast<std::string*>(self)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

std::string packed(const std::vector<Part>& parts) {
  std::string bytes;
  auto* writer = archive_write_new();
  archive_write_set_format_pax(writer);
  archive_write_open(writer, &bytes, nullptr, &keep, nullptr);
  for (const auto& part : parts) {
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, part.name.c_str());
    archive_entry_set_filetype(entry, part.type);
    archive_entry_set_perm(entry, 0755);
    archive_entry_set_size(entry, static_cast<la_int64_t>(part.bytes.size()));
    if (part.hard)
      archive_entry_set_hardlink(entry, part.target.c_str());
    else if (!part.target.empty())
      archive_entry_set_symlink(entry, part.target.c_str());
    archive_write_header(writer, entry);
    archive_write_data(writer, part.bytes.data(), part.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  return bytes;
}

/// Names with a sign for their kind, or "error: …".
std::string read(const std::string& bytes, ArchiveBounds bounds = {}) {
  std::vector<std::string> names;
  auto done = read_archive(
      bytes, "it",
      [&](ArchiveEntry entry) -> Result<void> {
        const char* kinds[] = {"", "/", "->", "="};
        names.push_back(entry.name + kinds[static_cast<int>(entry.kind)] + entry.target);
        return {};
      },
      bounds);
  return done ? fmt::format("{}", fmt::join(names, " ")) : "error: " + done.error().message;
}

TEST(Archive, WhatIsInsideIsRead) {
  EXPECT_EQ(read(packed({{"./", AE_IFDIR}, {"./a", AE_IFREG, "x"}, {"d/", AE_IFDIR}, {"d//./b", AE_IFREG}})),
            "/ a d/ d/b");
  EXPECT_EQ(read(packed({{"a"}, {"d/l", AE_IFLNK, "", "../a"}, {"h", AE_IFREG, "", "./a", true}})),
            "a d/l->../a h=a");
}

TEST(Archive, WhatLeadsOutsideIsRefused) {
  for (const auto& part :
       {Part{"../x"}, Part{"a/../x"}, Part{"/x"}, Part{"a/.."}, Part{"l", AE_IFLNK, "", "/x"},
        Part{"l", AE_IFLNK, "", "../x"}, Part{"d/l", AE_IFLNK, "", "../../x"}})
    EXPECT_THAT(read(packed({part})), testing::HasSubstr("leads outside")) << part.name << part.target;
  EXPECT_THAT(read(packed({{"h", AE_IFREG, "", "../x", true}})), testing::HasSubstr("no file before it"));
  EXPECT_THAT(read(packed({{"h", AE_IFREG, "", "later", true}, {"later"}})),
              testing::HasSubstr("no file before it"));
}

TEST(Archive, WhatIsNoFileIsRefused) {
  for (unsigned type : {AE_IFCHR, AE_IFBLK, AE_IFIFO})
    EXPECT_THAT(read(packed({{"x", type}})), testing::HasSubstr("neither a file, a folder nor a link"));
}

TEST(Archive, BoundsAreKept) {
  auto bytes = packed({{"a", AE_IFREG, std::string(100, 'x')}, {"b", AE_IFREG, std::string(100, 'y')}});
  EXPECT_EQ(read(bytes, {200, 2}), "a b");
  EXPECT_THAT(read(bytes, {199, 2}), testing::HasSubstr("b is more than 199 bytes"));
  EXPECT_THAT(read(bytes, {200, 1}), testing::HasSubstr("b is one entry too many"));
}

TEST(Archive, WhatIsBrokenIsRefused) {
  auto bytes = packed({{"a", AE_IFREG, std::string(2000, 'x')}});
  EXPECT_THAT(read(bytes.substr(0, 1000)), testing::HasSubstr("cannot be read"));
  EXPECT_THAT(read("nothing of the kind, and long enough for a header"),
              testing::HasSubstr("cannot be read"));
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
