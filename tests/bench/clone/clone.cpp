// Our clone over git's, in the same rounds under the same load: bench_clone [REPOSITORY] [ROUNDS]
// Without a repository one of 6,000 files is made. Everything lies on tmpfs where there is one.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "devenv/git/git.hpp"
#include "tests/fixtures/git/fixtures.hpp"

namespace {

using namespace photon;

double milliseconds(auto&& work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

struct Series {
  std::vector<double> ours, gits;
  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  }
  bool print(std::string_view name, double most) {
    double ratio = median(ours) / median(gits);
    fmt::print("{}: ours {:.0f} ms, git {:.0f} ms, ratio {:.2f} (at most {:.1f})\n", name, median(ours),
               median(gits), ratio, most);
    return ratio <= most;
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

}  // namespace

int main(int argc, char** argv) {
  ::setenv("TMPDIR", "/dev/shm", 0);
  tests::TemporaryFolder folder;
  auto bare = folder / "served/web.git";
  auto origin = argc > 1 ? std::string(argv[1]) : folder / "work";
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (argc < 2) tests::make_repository(origin, 6000);
  tests::git(folder.path(), {"clone", "-q", "--bare", origin, bare});
  tests::git(bare, {"repack", "-a", "-d", "-q"});
  tests::GitHttpServer server(folder / "served");
  auto url = server.url("web.git");
  Series cold, second;
  for (int i = 0; i < rounds; ++i) {
    for (const char* name : {"cache", "first", "again", "git-first", "git-again"})
      std::filesystem::remove_all(folder / name);
    cold.ours.push_back(milliseconds([&] { clone_ours(url, folder.path(), "first"); }));
    cold.gits.push_back(milliseconds([&] { tests::git(folder.path(), {"clone", "-q", url, "git-first"}); }));
    second.ours.push_back(milliseconds([&] { clone_ours(url, folder.path(), "again"); }));
    second.gits.push_back(
        milliseconds([&] { tests::git(folder.path(), {"clone", "-q", "--shared", bare, "git-again"}); }));
  }
  bool good = cold.print("clone cold", 1.3);
  good = second.print("second environment", 1.3) && good;
  return good ? 0 : 1;
}
