// Build roots: packages unpacked once each, hard-linked into one tree per set.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <thread>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/sandbox/beneath.hpp"
#include "packages/forge/sandbox/sandbox.hpp"
#include "packages/forge/sandbox/unpack.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;
constexpr std::time_t an_hour = 3600;
constexpr std::string_view layout = "1";  // another layout of trees makes other trees

std::string temporary(const std::string& folder) {
  static std::atomic<unsigned> next = 0;
  return fmt::format("{}/.{}-{}-{:x}", folder, ::getpid(), next++,
                     std::chrono::steady_clock::now().time_since_epoch().count());
}

bool is_folder(const std::string& path) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

void used_now(const std::string& path) { (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

/// Gives a whole folder its name; another program may have been first.
Result<void> settle(const std::string& made, const std::string& path) {
  if (::rename(made.c_str(), path.c_str()) == 0) return {};
  int error = errno;
  (void)remove_scratch(made);
  if (error == EEXIST || error == ENOTEMPTY) return {};
  return fail_errno("store " + path, error);
}

Result<void> unpacked(const std::string& rpm, const std::string& path, const Work& work) {
  if (is_folder(path)) {
    used_now(path);
    return {};
  }
  std::string made = temporary(path.substr(0, path.rfind('/')));
  PHOTON_CHECK(make_directories(made, 0755));
  OnFailure undo{[&] { (void)remove_scratch(made); }};
  PHOTON_CHECK(unpack_rpm(rpm, made, work));
  checkpoint("tree.unpacked");
  undo.release();
  return settle(made, path);
}

Result<void> unpack_all(const std::vector<std::string>& rpms, const std::vector<std::string>& sha256,
                        const std::string& folder, const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Result<void> first;
  auto loop = [&] {
    for (std::size_t at = next++; at < rpms.size(); at = next++) {
      auto done = unpacked(rpms[at], folder + "/" + sha256[at], work);
      if (done) continue;
      std::lock_guard lock(mutex);
      if (first) first = std::move(done);
      next = rpms.size();
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 8U); count > 1; --count)
    threads.emplace_back(loop);
  loop();
  threads.clear();
  return first;
}

class Tree {
 public:
  Tree(std::string path, Beneath beneath) : path_(std::move(path)), beneath_(std::move(beneath)) {}

  /// What the distributions have agreed on; packages may hold them as well.
  Result<void> begin() {
    for (const char* name : {"bin", "sbin", "lib", "lib64"}) {
      PHOTON_CHECK(make_directories(path_ + "/usr/" + name, 0755));
      if (::symlink(fmt::format("usr/{}", name).c_str(), (path_ + "/" + name).c_str()) < 0 && errno != EEXIST)
        return fail_errno("make " + path_, errno);
    }
    for (const char* name : {"etc", "proc", "dev", "run", "tmp", "var/tmp", "root", "build"})
      PHOTON_CHECK(make_directories(path_ + "/" + name, 0755));
    ::chmod((path_ + "/tmp").c_str(), 01777);
    ::chmod((path_ + "/var/tmp").c_str(), 01777);
    return {};
  }

  /// Of a file that two packages hold, the first one stays: rpm would not install both either.
  Result<void> add(const std::string& package) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(package, error), end; it != end; it.increment(error)) {
      if (error) break;
      std::string path = it->path().lexically_relative(package).string();
      PHOTON_CHECK(add_one(it->path().string(), path));
    }
    if (error) return fail_errno("read " + package, error.value());
    return {};
  }

  Result<void> finish() {
    const char* const choices[][2] = {{"awk", "gawk"}, {"awk", "mawk"},       {"cc", "gcc"},
                                      {"c++", "g++"},  {"yacc", "bison"},     {"which", "which.debianutils"},
                                      {"lex", "flex"}, {"python", "python3"}, {"pkg-config", "pkgconf"}};
    for (const auto& choice : choices) {
      std::string from = path_ + "/usr/bin/" + choice[0], to = path_ + "/usr/bin/" + choice[1];
      struct stat about{};
      if (::lstat(from.c_str(), &about) < 0 && ::lstat(to.c_str(), &about) == 0)
        if (::symlink(choice[1], from.c_str()) < 0) return fail_errno("make " + from, errno);
    }
    PHOTON_CHECK(unless_there(
        "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"));
    PHOTON_CHECK(unless_there("etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"));
    return unless_there("etc/hosts", "127.0.0.1 localhost build\n::1 localhost build\n");
  }

 private:
  Result<void> add_one(const std::string& from, const std::string& path) {
    struct stat about{};
    if (::lstat(from.c_str(), &about) < 0) return fail_errno("find " + from, errno);
    PHOTON_TRY(int parent, beneath_.parent_of(path));
    std::string name = path.substr(path.rfind('/') + 1);
    if (S_ISDIR(about.st_mode)) {
      if (::mkdirat(parent, name.c_str(), 0755) < 0 && errno != EEXIST)
        return fail_errno("make " + path, errno);
      return {};
    }
    if (::linkat(AT_FDCWD, from.c_str(), parent, name.c_str(), 0) == 0 || errno == EEXIST) return {};
    if (errno != EMLINK) return fail_errno("link " + path, errno);
    PHOTON_TRY(auto bytes, read_file(from, 1 << 30));
    int raw = ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, about.st_mode & 0777);
    if (raw < 0) return fail_errno("copy " + path, errno);
    Fd out(raw);
    return write_all(out.get(), bytes);
  }

  Result<void> unless_there(const std::string& path, std::string_view text) {
    PHOTON_TRY(int parent, beneath_.parent_of(path));
    std::string name = path.substr(path.rfind('/') + 1);
    int raw = ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (raw < 0) return errno == EEXIST ? Result<void>() : fail_errno("make " + path, errno);
    Fd out(raw);
    return write_all(out.get(), text);
  }

  std::string path_;
  Beneath beneath_;
};

/// Whether this machine runs the tree's programs.
bool is_native(const std::string& program) {
  Fd file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
  unsigned char head[20] = {};
  if (::pread(file.get(), head, sizeof head, 0) != sizeof head) return false;
  utsname machine{};
  ::uname(&machine);
  unsigned number = head[18] | head[19] << 8U;
  return std::string_view(machine.machine) == "x86_64" ? number == 62 : number == 183;
}

/// By the tree's own program, in a sandbox: rpm's triggers do it in a real root.
Result<void> make_loader_cache(const std::string& tree, const Work& work) {
  if (!is_native(tree + "/usr/sbin/ldconfig")) return {};
  SandboxCommand command{
      .argv = {"/usr/sbin/ldconfig", "-X"}, .trees = {tree}, .scratch = tree + ".ldconfig"};
  command.time_limit = std::chrono::seconds(120);
  Finally clean{[&] { (void)remove_scratch(command.scratch); }};
  PHOTON_TRY(auto end, run_in_sandbox(command, work));
  if (end.status != 0)
    return fail(Kind::failed, "tree.ldconfig",
                fmt::format("ldconfig ended with {} in the build root", end.status));
  std::string made = command.scratch + "/upper/etc/ld.so.cache", place = tree + "/etc/ld.so.cache";
  ::unlink(place.c_str());
  std::error_code error;
  if (fs::exists(made)) fs::copy_file(made, place, error);
  if (error) return fail_errno("write " + place, error.value());
  return {};
}

}  // namespace

Result<std::string> compose_tree(const std::vector<std::string>& rpms, const std::vector<std::string>& sha256,
                                 const std::string& cache, const Work& work) {
  if (rpms.size() != sha256.size())
    return fail(Kind::internal, "tree.set", "a set of packages without digests");
  for (const auto& digest : sha256)
    if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
      return fail(Kind::internal, "tree.set", fmt::format("\"{}\" is no digest", digest));
  std::vector<std::string> sorted = sha256;
  std::sort(sorted.begin(), sorted.end());
  Sha256 sum;
  sum.update(layout);
  for (const auto& digest : sorted) sum.update(digest);
  std::string path = cache + "/trees/" + sum.hex();
  if (is_folder(path)) {
    used_now(path);
    return path;
  }
  PHOTON_CHECK(make_directories(cache + "/trees", 0755));
  PHOTON_CHECK(make_directories(cache + "/packages", 0755));
  PHOTON_CHECK(unpack_all(rpms, sha256, cache + "/packages", work));
  std::string made = temporary(cache + "/trees");
  PHOTON_CHECK(make_directories(made, 0755));
  OnFailure undo{[&] { (void)remove_scratch(made); }};
  PHOTON_TRY(auto beneath, Beneath::open(made));
  Tree tree(made, std::move(beneath));
  PHOTON_CHECK(tree.begin());
  for (const auto& digest : sorted) {
    if (work.stopped()) return cancelled();
    PHOTON_CHECK(tree.add(cache + "/packages/" + digest));
  }
  PHOTON_CHECK(tree.finish());
  PHOTON_CHECK(make_loader_cache(made, work));
  checkpoint("tree.made");
  undo.release();
  PHOTON_CHECK(settle(made, path));
  return path;
}

Result<std::uint64_t> collect_trees(const std::string& cache, std::uint64_t bytes) {
  struct Folder {
    std::string path;
    std::time_t used;
    std::uint64_t size;
  };
  std::vector<Folder> folders;
  std::uint64_t all = 0, freed = 0;
  std::error_code ignored;
  for (const char* kind : {"/trees", "/packages"})
    for (const auto& entry : fs::directory_iterator(cache + kind, ignored)) {
      struct stat about{};
      if (::lstat(entry.path().c_str(), &about) < 0) continue;
      if (entry.path().filename().string().starts_with('.')) {  // of a killed program
        if (about.st_mtime < std::time(nullptr) - an_hour) (void)remove_scratch(entry.path().string());
        continue;
      }
      Folder folder{entry.path().string(), about.st_mtime, 0};
      for (fs::recursive_directory_iterator it(entry.path(), ignored), end; it != end;
           it.increment(ignored)) {
        struct stat file{};
        if (::lstat(it->path().c_str(), &file) < 0) continue;
        // A file of a tree is one of a package's: counted there.
        if (std::string_view(kind) == "/packages" || S_ISDIR(file.st_mode))
          folder.size += static_cast<std::uint64_t>(file.st_blocks) * 512;
      }
      all += folder.size;
      folders.push_back(std::move(folder));
    }
  std::sort(folders.begin(), folders.end(), [](const auto& a, const auto& b) { return a.used < b.used; });
  for (const auto& folder : folders) {
    if (all <= bytes || folder.used > std::time(nullptr) - an_hour) break;
    // Gone at once for everybody: half a tree under its name would count as whole.
    std::string going = temporary(folder.path.substr(0, folder.path.rfind('/')));
    if (::rename(folder.path.c_str(), going.c_str()) < 0) return fail_errno("remove " + folder.path, errno);
    PHOTON_CHECK(remove_scratch(going));
    all -= folder.size;
    freed += folder.size;
  }
  return freed;
}

}  // namespace photon::forge
