// Our clone beside git's, in the same rounds under the same load: bench_clone [--rounds N] [REPOSITORY]
// Without a repository one of 6,000 files is made. Everything lies on tmpfs where there is one. Rows as in
// tests/bench/README.md.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "devenv/core/fd.hpp"
#include "devenv/git/git.hpp"
#include "tests/fixtures/git/fixtures.hpp"

namespace {

using namespace photon;

double milliseconds(auto&& work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

// Bytes that this process and the children it waited for have read.
double kilobytes_read() {
  auto counts = read_file("/proc/self/io", 4096);
  unsigned long long bytes = 0;
  if (!counts || std::sscanf(counts->c_str(), "rchar: %llu", &bytes) != 1) std::abort();
  return double(bytes) / 1024;
}

struct Series {
  std::vector<double> ours, gits;
  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  }
  void row(const char* what, const char* unit, const char* peer, const char* goal) const {
    fmt::print(
        R"({{"what": "{}", "unit": "{}", "ours": {:.2f}, "peer": {:.2f}, "peer_name": "{}", "goal": "{}"}})"
        "\n",
        what, unit, median(ours), median(gits), peer, goal);
  }
};

void clone_ours(const std::string& url, const std::string& folder, const std::string& name) {
  git::CloneRequest request{
      .source = *git::parse_source(url, "/"), .cache = folder + "/cache", .target = folder + "/" + name};
  request.uid = ::geteuid();
  request.gid = ::getegid();
  request.borrower = name;
  request.credentials.use_git_helpers = false;
  if (auto cloned = git::clone(request, Work{}); !cloned) {
    fmt::print(stderr, "{}\n", cloned.error().message);
    std::exit(1);
  }
}

// A clean status that trusts the index reads little more than the index; each file that it must hash again
// counts.
void status(const std::string& folder, std::vector<double>& times, std::vector<double>& read) {
  auto before = kilobytes_read();
  times.push_back(milliseconds([&] {
    if (auto changed = tests::git(folder, {"--no-optional-locks", "status", "--porcelain"});
        !changed.empty()) {
      fmt::print(stderr, "git status is not clean after the clone:\n{}\n", changed);
      std::exit(1);
    }
  }));
  read.push_back(kilobytes_read() - before);
}

}  // namespace

int main(int argc, char** argv) {
  ::setenv("TMPDIR", "/dev/shm", 0);
  int rounds = 9;
  std::string origin;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
      rounds = std::max(1, std::atoi(argv[++i]));
    else
      origin = argv[i];
  }
  tests::TemporaryFolder folder;
  auto bare = folder / "served/web.git";
  if (origin.empty()) tests::make_repository(origin = folder / "work", 6000);
  tests::git(folder.path(), {"clone", "-q", "--bare", origin, bare});
  tests::git(bare, {"repack", "-a", "-d", "-q"});
  tests::GitHttpServer server(folder / "served");
  auto url = server.url("web.git");
  Series cold, second, looked, hashed;
  for (int i = 0; i < rounds; ++i) {
    for (const char* name : {"cache", "first", "again", "git-first", "git-again"})
      std::filesystem::remove_all(folder / name);
    auto ours = [&] {
      cold.ours.push_back(milliseconds([&] { clone_ours(url, folder.path(), "first"); }));
      second.ours.push_back(milliseconds([&] { clone_ours(url, folder.path(), "again"); }));
      status(folder / "again", looked.ours, hashed.ours);
    };
    auto gits = [&] {
      cold.gits.push_back(
          milliseconds([&] { tests::git(folder.path(), {"clone", "-q", url, "git-first"}); }));
      second.gits.push_back(
          milliseconds([&] { tests::git(folder.path(), {"clone", "-q", "--shared", bare, "git-again"}); }));
      status(folder / "git-again", looked.gits, hashed.gits);
    };
    if (i % 2 == 0) {
      ours();
      gits();
    } else {
      gits();
      ours();
    }
  }
  cold.row("clone, nothing cached", "ms", "git clone", "ratio <= 1.3");
  second.row("clone, second environment", "ms", "git clone --shared", "ratio <= 1.2");
  looked.row("git status right after", "ms", "the same in git's clone", "ratio <= 1.2");
  hashed.row("  read by it (nothing hashed again)", "kB", "the same in git's clone", "ratio <= 1.2");
  return 0;
}
