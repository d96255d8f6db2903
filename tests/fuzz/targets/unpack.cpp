// Archives of strangers: below a folder, and visited in memory.
#include "devenv/unpack/unpack.hpp"

#include "devenv/unpack/tree.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/fuzz/input_file.hpp"

namespace photon::fuzz {
namespace {

void visit_in_memory(std::string_view input, const unpack::Bounds& bounds) {
  std::size_t bytes = 0, entries = 0;
  auto visit = [&](const unpack::Entry& entry, const unpack::Read& read) -> Result<void> {
    ++entries;
    expect(unpack::normal_path(entry.name) == entry.name, "an entry stays inside");
    return read([&](std::string_view piece) {
      bytes += piece.size();
      return Result<void>();
    });
  };
  (void)unpack::each_entry({"the input", "", input}, visit, bounds, {});
  expect(bytes <= bounds.bytes && entries <= bounds.entries, "bounds are kept");
}

}  // namespace

void unpacked(std::string_view input) {
  namespace fs = std::filesystem;
  InputFile file(input);
  fixtures::TempFolder folder;
  auto tree = unpack::Tree::open(folder.path + "/a/b/files");
  expect(tree.has_value(), "the test's own folder");
  const unpack::Bounds bounds{.bytes = 1 << 20, .entries = 100};
  (void)unpack::unpack({"it", file.path()}, *tree, bounds, {});
  for (const auto& entry : fs::recursive_directory_iterator(folder.path)) {
    auto path = entry.path().string().substr(folder.path.size());
    expect(path == "/a" || path == "/a/b" || path.starts_with("/a/b/files"), "nothing leaves the folder");
    auto type = entry.symlink_status().type();
    expect(
        type == fs::file_type::regular || type == fs::file_type::directory || type == fs::file_type::symlink,
        "files, folders and links alone");
    if (type != fs::file_type::symlink) continue;
    auto target = fs::read_symlink(entry.path()).string();
    expect(unpack::stays_inside(path.substr(std::string("/a/b/files/").size()), target), "links stay inside");
  }
  visit_in_memory(input, bounds);
}

}  // namespace photon::fuzz
