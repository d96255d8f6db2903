#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "packages/forge/build/sources.hpp"

namespace photon::forge {
namespace {

constexpr std::size_t most_file = 64 << 20;
constexpr std::time_t all_times = 1'735'689'600;  // one time for all: what git checks out has no other
using Writer = Handle<::archive, archive_write_free>;
using Entry = Handle<archive_entry, archive_entry_free>;

Result<std::string> git(const std::string& folder, std::vector<std::string> words) {
  std::vector<std::string> argv{"git", "-c", "safe.directory=*", "-C", folder};
  argv.insert(argv.end(), words.begin(), words.end());
  PHOTON_TRY(auto output, run({.argv = argv}));
  if (output.status != 0)
    return fail(Kind::failed, "forge.checkout",
                fmt::format("the files of this checkout cannot be listed: {}",
                            output.err.substr(0, output.err.find('\n'))),
                "packages of ours are built from a git checkout");
  return output.out;
}

}  // namespace

Result<Checkout> Checkout::look(const std::string& folder, Store& store) {
  Checkout checkout;
  checkout.store_ = &store;
  PHOTON_TRY(checkout.root_, git(folder, {"rev-parse", "--show-toplevel"}));
  while (!checkout.root_.empty() && checkout.root_.back() == '\n') checkout.root_.pop_back();
  PHOTON_TRY(auto list, git(checkout.root_, {"ls-files", "-z"}));
  for (std::size_t at = 0; at < list.size();) {
    auto end = std::min(list.find('\0', at), list.size());
    std::string file = list.substr(at, end - at);
    at = end + 1;
    struct stat about{};
    if (::lstat((checkout.root_ + "/" + file).c_str(), &about) < 0) continue;
    if (!S_ISREG(about.st_mode) && !S_ISLNK(about.st_mode)) continue;
    auto look = fmt::format("{} {} {} {} {}.{} {}\n", file, about.st_mode, about.st_size, about.st_ino,
                            about.st_ctim.tv_sec, about.st_ctim.tv_nsec, about.st_dev);
    checkout.files_.push_back({std::move(file), std::move(look)});
  }
  std::sort(checkout.files_.begin(), checkout.files_.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  return checkout;
}

Result<std::vector<const Checkout::File*>> Checkout::files(const std::string& tree) const {
  std::vector<const File*> found;
  std::istringstream words(tree);
  for (std::string word; words >> word;) {
    auto before = found.size();
    for (const auto& file : files_)
      if (file.path == word || file.path.starts_with(word + "/")) found.push_back(&file);
    if (found.size() == before)
      return fail(Kind::not_found, "forge.checkout",
                  fmt::format("this checkout tracks no file or folder {}", shown(word)),
                  "mend \"tree\" in sources.toml, or git add what it names");
  }
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->path < b->path; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<std::string> Checkout::digest(const std::string& tree) const {
  PHOTON_TRY(auto chosen, files(tree));
  // What looks as before has the same bytes: git itself relies on that.
  Sha256 looks;
  for (const auto* file : chosen) looks.update(file->look);
  std::string note = "checkout." + looks.hex();
  PHOTON_TRY(auto known, store_->note(note));
  if (known) return *known;
  Sha256 sum;
  for (const auto* file : chosen) {
    std::string path = root_ + "/" + file->path;
    std::error_code error;
    struct stat about{};
    (void)::lstat(path.c_str(), &about);
    std::string bytes = S_ISLNK(about.st_mode) ? std::filesystem::read_symlink(path, error).string() : "";
    if (S_ISREG(about.st_mode)) {
      PHOTON_TRY(bytes, read_file(path, most_file));
    }
    sum.update(fmt::format("{} {} {}\n", file->path, about.st_mode & (S_IFMT | 0100), sha256_hex(bytes)));
  }
  auto digest = sum.hex();
  PHOTON_CHECK(store_->set_note(note, digest));
  return digest;
}

Result<void> Checkout::pack(const std::string& tree, const std::string& archive) const {
  PHOTON_TRY(auto chosen, files(tree));
  std::string name = archive.substr(archive.rfind('/') + 1), top = name.substr(0, name.find(".tar"));
  Writer writer(archive_write_new());
  archive_write_set_format_pax_restricted(writer.get());
  if (name.ends_with(".gz")) {
    archive_write_add_filter_gzip(writer.get());
    archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr);
  } else if (name.ends_with(".xz")) {
    archive_write_add_filter_xz(writer.get());
  } else if (name.ends_with(".zst")) {
    archive_write_add_filter_zstd(writer.get());
  }
  auto broken = [&]() -> tl::unexpected<Error> {
    const char* why = archive_error_string(writer.get());
    return fail(Kind::failed, "forge.checkout", fmt::format("cannot pack {}: {}", name, why ? why : "?"));
  };
  if (archive_write_open_filename(writer.get(), archive.c_str()) != ARCHIVE_OK) return broken();
  for (const auto* file : chosen) {
    std::string path = root_ + "/" + file->path;
    struct stat about{};
    if (::lstat(path.c_str(), &about) < 0) return fail_errno("read " + path, errno);
    Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), (top + "/" + file->path).c_str());
    archive_entry_set_mtime(entry.get(), all_times, 0);
    std::string bytes;
    if (S_ISLNK(about.st_mode)) {
      std::error_code error;
      archive_entry_set_mode(entry.get(), S_IFLNK | 0777);
      archive_entry_set_symlink(entry.get(), std::filesystem::read_symlink(path, error).c_str());
    } else {
      PHOTON_TRY(bytes, read_file(path, most_file));
      archive_entry_set_mode(entry.get(), S_IFREG | (about.st_mode & 0100 ? 0755 : 0644));
      archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    }
    if (archive_write_header(writer.get(), entry.get()) < ARCHIVE_WARN) return broken();
    if (archive_write_data(writer.get(), bytes.data(), bytes.size()) < 0) return broken();
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return broken();
  return {};
}

}  // namespace photon::forge
