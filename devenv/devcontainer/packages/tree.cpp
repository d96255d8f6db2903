#include "devenv/devcontainer/packages/tree.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/devcontainer/packages/fetch.hpp"

namespace photon::devcontainer {
namespace {

namespace fs = std::filesystem;
using Writer = Handle<::archive, archive_write_free>;
using Entry = Handle<archive_entry, archive_entry_free>;

constexpr std::size_t most_entries = 20'000;

Result<void> add(Tree& tree, const std::string& folder, const std::string& below, std::size_t& bytes) {
  PHOTON_TRY(auto names, names_in(folder + "/" + below));
  for (const auto& leaf : names) {
    auto name = below.empty() ? leaf : below + "/" + leaf;
    auto path = folder + "/" + name;
    if (tree.files.size() + tree.folders.size() >= most_entries)
      return fail(Kind::failed, "package.tree",
                  fmt::format("{} has more than {} entries", folder, most_entries));
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) return fail_errno("read " + path, errno);
    TreeFile file{name, {}, {}, (found.st_mode & S_IXUSR) != 0};
    if (S_ISDIR(found.st_mode)) {
      tree.folders.push_back(name);
      PHOTON_CHECK(add(tree, folder, name, bytes));
      continue;
    }
    if (S_ISLNK(found.st_mode)) {
      std::error_code error;
      file.target = fs::read_symlink(path, error).string();
      if (error) return fail_errno("read " + path, error.value());
    } else if (S_ISREG(found.st_mode)) {
      PHOTON_TRY(file.bytes, read_file(path, most_package_bytes));
      bytes += file.bytes.size();
    } else {
      return fail(Kind::failed, "package.tree", path + " is neither a file, a folder nor a link",
                  "remove it");
    }
    if (bytes > most_package_bytes)
      return fail(Kind::failed, "package.tree",
                  fmt::format("{} is larger than {} MiB", folder, most_package_bytes >> 20));
    tree.files.push_back(std::move(file));
  }
  return {};
}

la_ssize_t keep(::archive*, void* self, const void* bytes, std::size_t size) {
  static_cast<std::string*>(self)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

Result<void> put(::archive* writer, const std::string& name, unsigned type, unsigned mode,
                 const TreeFile* file) {
  Entry entry(archive_entry_new());
  if (!entry) return fail(Kind::internal, "package.memory", "there is no memory for an archive");
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), type);
  archive_entry_set_perm(entry.get(), static_cast<mode_t>(mode));
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (file && !file->target.empty()) archive_entry_set_symlink(entry.get(), file->target.c_str());
  bool bytes = file && file->target.empty();
  archive_entry_set_size(entry.get(), bytes ? static_cast<la_int64_t>(file->bytes.size()) : 0);
  bool written = archive_write_header(writer, entry.get()) >= ARCHIVE_WARN;
  if (written && bytes && !file->bytes.empty())
    written = archive_write_data(writer, file->bytes.data(), file->bytes.size()) ==
              static_cast<la_ssize_t>(file->bytes.size());
  if (written) return {};
  return fail(Kind::failed, "package.archive",
              fmt::format("{} cannot be put into an archive: {}", name, archive_error_string(writer)));
}

}  // namespace

TreeFile* Tree::find(std::string_view name) {
  auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  if (error) return fail_errno("read the folder " + folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<Tree> read_tree(const std::string& folder) {
  Tree tree;
  std::size_t bytes = 0;
  PHOTON_CHECK(add(tree, folder, "", bytes));
  return tree;
}

Result<std::string> write_tar(const Tree& tree) {
  std::string bytes;
  Writer writer(archive_write_new());
  if (!writer) return fail(Kind::internal, "package.memory", "there is no memory for an archive");
  archive_write_set_format_pax_restricted(writer.get());
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  if (archive_write_open(writer.get(), &bytes, nullptr, &keep, nullptr) != ARCHIVE_OK)
    return fail(Kind::failed, "package.archive", "an archive cannot be begun");
  PHOTON_CHECK(put(writer.get(), "./", AE_IFDIR, 0755, nullptr));
  for (const auto& folder : tree.folders)
    PHOTON_CHECK(put(writer.get(), "./" + folder + "/", AE_IFDIR, 0755, nullptr));
  for (const auto& file : tree.files) {
    bool link = !file.target.empty();
    PHOTON_CHECK(put(writer.get(), "./" + file.name, link ? AE_IFLNK : AE_IFREG,
                     file.runs || link ? 0755 : 0644, &file));
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK)
    return fail(Kind::failed, "package.archive", "an archive cannot be ended");
  return bytes;
}

}  // namespace photon::devcontainer
