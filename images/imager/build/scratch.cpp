#include "images/imager/build/scratch.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace photon::images {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = ".making-";

std::string lock_file_of(const std::string& folder, std::string_view name) {
  return fmt::format("{}/.{}.lock", folder, name);
}

/// Whoever ends removes the file, so a lock may be of one that is gone.
bool is_of(const Fd& lock, const std::string& file) {
  struct stat held{}, there{};
  return ::fstat(lock.get(), &held) == 0 && ::stat(file.c_str(), &there) == 0 && held.st_ino == there.st_ino;
}

/// nullopt: another process has it.
Result<std::optional<Fd>> try_lock(const std::string& file) {
  while (true) {
    PHOTON_TRY(auto lock, open_fd(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0644));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return std::nullopt;
      return fail_errno("lock " + file, errno);
    }
    if (is_of(lock, file)) return lock;
  }
}

/// A tree may have folders that their owner may not write, and a process that was just killed may still make
/// files in it.
void remove_all(const std::string& folder) {
  std::error_code error;
  for (int attempt = 0; attempt < 20; ++attempt) {
    fs::remove_all(folder, error);
    if (!error) return;
    ::usleep(50'000);
  }
}

/// ".making-minimal-4711" is of a maker of minimal: whoever can have the lock of that name is alone with it.
void sweep(const std::string& folder, const std::string& own) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    auto file = entry.path().filename().string();
    if (!file.starts_with(prefix)) continue;
    auto name = file.substr(prefix.size(), file.rfind('-') - prefix.size());
    if (name == own) {
      remove_all(entry.path().string());
    } else if (auto lock = try_lock(lock_file_of(folder, name)); lock && *lock) {
      remove_all(entry.path().string());
      ::unlink(lock_file_of(folder, name).c_str());
    }
  }
}

tl::unexpected<Error> unwritable(const std::string& folder, Error error, std::string_view mend) {
  if (error.kind == Kind::no_space) return tl::unexpected(std::move(error));
  auto why = error.message.substr(error.message.rfind(": ") + 2);
  return fail(Kind::denied, "image.output", fmt::format("nothing can be written in {}: {}", folder, why),
              std::string(mend));
}

}  // namespace

Result<Scratch> Scratch::make(const std::string& folder, const std::string& name, std::string_view mend,
                              const Work& work) {
  if (auto made = make_directories(folder, 0755); !made)
    return unwritable(folder, std::move(made.error()), mend);
  auto file = lock_file_of(folder, name);
  Fd lock;
  bool said = false;
  for (; !lock; said = true) {
    auto got = try_lock(file);
    if (!got) return unwritable(folder, std::move(got.error()), mend);
    if (*got) {
      lock = std::move(**got);
      break;
    }
    if (work.stopped()) return cancelled();
    if (!said) {  // a line of its own at once, for those without a terminal, too
      work.report({.step = "wait", .subject = fmt::format("another one makes {}", name), .finished = true});
      work.report({.step = "wait", .subject = "until it has ended"});
    }
    ::usleep(100'000);
  }
  if (said) work.report({.step = "wait", .subject = "until it has ended", .finished = true});
  sweep(folder, name);
  // Others have no business with set-uid files that are not installed yet, and what the folder above hands
  // down (its group, default ACLs) must not get into an image.
  auto made = fmt::format("{}/{}{}-{}", folder, prefix, name, ::getpid());
  if (auto done = make_directories(made, 0700); !done)
    return unwritable(folder, std::move(done.error()), mend);
  Scratch out(std::move(lock), file, made);
  if (::chown(made.c_str(), ::geteuid(), ::getegid()) != 0 || ::chmod(made.c_str(), 0700) != 0)
    return fail_errno("set up " + made, errno);
  ::removexattr(made.c_str(), "system.posix_acl_default");
  return out;
}

Scratch::~Scratch() {
  if (folder_.empty()) return;
  remove_all(folder_);
  ::unlink(lock_file_.c_str());
}

}  // namespace photon::images
