// What a package manager on packages/rpm does, as a program to be timed from outside.
//   bench_solve solve URL CACHE NAME…          prints how many steps the solution has
//   bench_solve install URL CACHE ROOT NAME…   carries it out
#include <fmt/format.h>
#include <cstdlib>

#include "packages/rpm/repository.hpp"
#include "packages/rpm/transaction.hpp"

namespace {

using namespace photon;

Result<std::size_t> work(const std::string& what, std::vector<std::string> words) {
  rpm::RepositorySource source{
      .name = "bench", .url = words.at(0), .verify_metadata = false, .cache = words.at(1)};
  std::string root = what == "install" ? words.at(2) : "/nonexistent";
  PHOTON_TRY(auto pool, rpm::Pool::create("x86_64"));
  PHOTON_CHECK(rpm::add_repository(pool, source, {}));
  PHOTON_CHECK(pool.add_installed(root));
  rpm::Request request;
  request.install.assign(words.begin() + (what == "install" ? 3 : 2), words.end());
  PHOTON_TRY(auto solution, pool.solve(request));
  if (what != "install") return solution.steps.size();
  PHOTON_TRY(auto local,
             rpm::fetch(std::move(solution), std::vector{source}, words.at(1) + "/packages", {}, {}));
  PHOTON_CHECK(rpm::run(local, {.root = root, .verify_signatures = false}, {}));
  return local.steps.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  auto steps = work(argv[1], {argv + 2, argv + argc});
  if (!steps) {
    fmt::print(stderr, "bench_solve: {}\n  {}\n", photon::sentence(steps.error()), steps.error().hint);
    return photon::exit_status(steps.error().kind);
  }
  fmt::print("{}\n", *steps);
}
