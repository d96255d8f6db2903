#include "devenv/build/context.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "devenv/core/beneath.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::build {
namespace {

constexpr std::size_t most_threads = 8;

constexpr std::string_view top_folder = "the repository";

/// The path from the repository on.
std::string below(const std::string& repository, const std::string& path) {
  if (path.size() <= repository.size()) return ".";
  return path.substr(repository == "/" ? 1 : repository.size() + 1);
}

struct Entry {
  std::string path;
  mode_t mode = 0;
  std::string content;  ///< of a link: where it leads; of a file: its digest, later
};

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

class Walk {
 public:
  Walk(const Ignore& ignore, const Bounds& bounds, const std::stop_token& stop)
      : ignore_(ignore), bounds_(bounds), stop_(stop) {}

  Result<std::vector<Entry>> run(int top) {
    PHOTON_TRY(Fd fd, open_beneath(top, ".", O_RDONLY | O_DIRECTORY, top_folder, Links::none));
    PHOTON_CHECK(folder(std::move(fd), "", {}, 0));
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(entries_);
  }

 private:
  Result<void> folder(Fd fd, const std::string& path, const Ignore::Matched& above, unsigned level) {
    if (level > bounds_.levels)
      return too_much(fmt::format("more than {} levels of folders", bounds_.levels));
    if (stop_.stop_requested()) return cancelled();
    Folder listing(::fdopendir(fd.get()), &::closedir);
    if (!listing) return fail_errno("list " + shown(path, 200), errno);
    const int at = fd.release();  // the listing's now
    Ignore::Matched matched;
    while (const dirent* found = ::readdir(listing.get())) {
      std::string name = found->d_name;
      if (name == "." || name == "..") continue;
      PHOTON_CHECK(entry(at, name, path.empty() ? name : path + "/" + name, above, matched, level));
    }
    return {};
  }

  Result<void> entry(int in, const std::string& name, const std::string& path, const Ignore::Matched& above,
                     Ignore::Matched& matched, unsigned level) {
    bool out = ignore_.leaves_out(path, above, matched);
    if (out && !ignore_.has_exceptions()) return {};
    struct stat found{};
    if (::fstatat(in, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) < 0)
      return fail_errno("read " + shown(path, 200), errno);
    if (!out) PHOTON_CHECK(keep(in, name, path, found));
    if (!S_ISDIR(found.st_mode)) return {};
    PHOTON_TRY(Fd next, open_beneath(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, top_folder, Links::none));
    return folder(std::move(next), path, Ignore::Matched(matched), level + 1);
  }

  Result<void> keep(int in, const std::string& name, const std::string& path, const struct stat& found) {
    if (entries_.size() >= bounds_.entries)
      return too_much(fmt::format("more than {} files", bounds_.entries));
    if (S_ISREG(found.st_mode)) bytes_ += static_cast<std::uint64_t>(found.st_size);
    if (bytes_ > bounds_.bytes) return too_much(fmt::format("more than {} GiB", bounds_.bytes >> 30));
    Entry entry{path, found.st_mode, {}};
    if (S_ISLNK(found.st_mode)) {
      entry.content.resize(4096);
      auto length = ::readlinkat(in, name.c_str(), entry.content.data(), entry.content.size());
      if (length < 0) return fail_errno("read " + shown(path, 200), errno);
      entry.content.resize(static_cast<std::size_t>(length));
    }
    entries_.push_back(std::move(entry));
    return {};
  }

  static tl::unexpected<Error> too_much(std::string what) {
    return fail(Kind::usage, "build.bounds", fmt::format("the build's context has {}", what),
                "a .dockerignore leaves out what the image does not need");
  }

  const Ignore& ignore_;
  const Bounds& bounds_;
  const std::stop_token& stop_;
  std::vector<Entry> entries_;
  std::uint64_t bytes_ = 0;
};

/// The digests of all files, by several threads: most of the time goes into opening them.
class Sums {
 public:
  Sums(int top, std::vector<Entry>& entries, const std::stop_token& stop)
      : top_(top), entries_(entries), stop_(stop) {}

  Result<void> run() {
    std::vector<std::jthread> threads;
    auto wanted = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most_threads);
    for (std::size_t i = 1; i < std::min(wanted, entries_.size() / 64 + 1); ++i)
      threads.emplace_back([this] { work(); });
    work();
    threads.clear();
    return std::move(first_);
  }

 private:
  void work() {
    std::string buffer(256 << 10, '\0');
    for (std::size_t at = next_++; at < entries_.size() && !ended_; at = next_++) {
      if (!S_ISREG(entries_[at].mode)) continue;
      auto done = sum(entries_[at], buffer);
      if (done) continue;
      std::lock_guard lock(mutex_);
      if (first_) first_ = std::move(done);
      ended_ = true;
    }
  }

  Result<void> sum(Entry& entry, std::string& buffer) {
    if (stop_.stop_requested()) return cancelled();
    PHOTON_TRY(Fd file,
               open_beneath(top_, entry.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, top_folder, Links::none));
    struct stat found{};
    // What was a file a moment ago may be a pipe by now.
    if (::fstat(file.get(), &found) < 0 || !S_ISREG(found.st_mode))
      return fail(Kind::conflict, "build.changing", fmt::format("{} is changing", shown(entry.path, 200)),
                  "run the command again once it is left alone");
    Sha256 sum;
    for (ssize_t got = 0; (got = ::read(file.get(), buffer.data(), buffer.size())) != 0;) {
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("read " + shown(entry.path, 200), errno);
      if (stop_.stop_requested()) return cancelled();
      sum.update({buffer.data(), static_cast<std::size_t>(got)});
    }
    entry.content = sum.hex();
    return {};
  }

  int top_;
  std::vector<Entry>& entries_;
  const std::stop_token& stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  Result<void> first_;
};

}  // namespace

Result<Fd> open_context(const std::string& repository, const std::string& path) {
  PHOTON_TRY(Fd top, open_fd(repository, O_RDONLY | O_DIRECTORY));
  return open_beneath(top.get(), below(repository, path), O_RDONLY | O_DIRECTORY, top_folder);
}

Result<std::optional<std::string>> read_below(const std::string& repository, const std::string& path,
                                              std::size_t limit) {
  return read_beneath(repository, below(repository, path), limit, top_folder);
}

Result<std::string> digest_of(int folder, const Ignore& ignore, const Bounds& bounds,
                              const std::stop_token& stop) {
  PHOTON_TRY(auto entries, Walk(ignore, bounds, stop).run(folder));
  PHOTON_CHECK(Sums(folder, entries, stop).run());
  Sha256 sum;
  // Each part with its length, so that no two folders give the same bytes.
  for (const auto& entry : entries)
    sum.update(fmt::format("{}:{} {:o} {}:{}\n", entry.path.size(), entry.path, entry.mode,
                           entry.content.size(), entry.content));
  return sum.hex();
}

}  // namespace photon::build
