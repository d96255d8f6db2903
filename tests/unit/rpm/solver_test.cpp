// A small universe, a request, the expected transaction: in plain lines, a file a case (cases/*.case).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <map>

#include "devenv/core/fd.hpp"
#include "packages/rpm/pool_state.hpp"

namespace photon::rpm {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> found;
  while (!line.empty()) {
    auto begin = line.find_first_not_of(' ');
    if (begin == line.npos) break;
    auto end = line.find(' ', begin);
    found.emplace_back(line.substr(begin, end == line.npos ? end : end - begin));
    line = end == line.npos ? std::string_view() : line.substr(end);
  }
  return found;
}

struct Line {
  std::string key, value;
};
struct Described {
  std::string name, evr, arch;
  std::vector<Line> lines;
};
struct Universe {
  int priority = 99;
  std::vector<Described> packages;
};
/// One file, read: the repositories, the request, what is to come out.
struct Case {
  std::map<std::string, Universe> repositories;
  Request request;
  std::vector<std::string> expected;
  bool in_order = false;  ///< "expect in order"; else the order of what is independent may be any
  std::string arch = "x86_64";
};

void add_package_line(Universe& universe, const std::string& line) {
  if (line.starts_with("  ")) {
    auto colon = line.find(": ");
    universe.packages.back().lines.push_back({line.substr(2, colon - 2), line.substr(colon + 2)});
    return;
  }
  auto parts = words(line);
  universe.packages.push_back({parts.at(0), parts.at(1), parts.at(2), {}});
}

void fill(::Repo* repo, const Universe& universe) {
  static const std::map<std::string, Id> keys = {
      {"needs", SOLVABLE_REQUIRES},         {"provides", SOLVABLE_PROVIDES},
      {"conflicts", SOLVABLE_CONFLICTS},    {"replaces", SOLVABLE_OBSOLETES},
      {"recommends", SOLVABLE_RECOMMENDS},  {"suggests", SOLVABLE_SUGGESTS},
      {"supplements", SOLVABLE_SUPPLEMENTS}};
  auto* data = repo_add_repodata(repo, 0);
  for (const auto& package : universe.packages) {
    Id id = repo_add_solvable(repo);
    auto* solvable = repo->pool->solvables + id;
    solvable->name = pool_str2id(repo->pool, package.name.c_str(), 1);
    solvable->evr = pool_str2id(repo->pool, package.evr.c_str(), 1);
    solvable->arch = pool_str2id(repo->pool, package.arch.c_str(), 1);
    solvable_add_deparray(solvable, SOLVABLE_PROVIDES, solvable_selfprovidedep(solvable), 0);
    for (const auto& [key, value] : package.lines) {
      if (key == "file") {
        fs::path file(value);
        repodata_add_dirstr(data, id, SOLVABLE_FILELIST,
                            repodata_str2dir(data, file.parent_path().c_str(), 1), file.filename().c_str());
      } else {
        solvable_add_deparray(solvable, keys.at(key), dependency_id(repo->pool, value), 0);
      }
    }
  }
  repo_internalize(repo);
}

void add_request_line(Request& request, const std::string& line) {
  auto space = line.find(' ');
  auto word = line.substr(0, space), rest = space == line.npos ? std::string() : line.substr(space + 1);
  if (word == "install")
    request.install.push_back(rest);
  else if (word == "remove")
    request.remove.push_back(rest);
  else if (word == "update" && rest.empty())
    request.update_all = true;
  else if (word == "update")
    request.update.push_back(rest);
  else if (word == "distro-sync")
    request.distro_sync = true;
  else if (word == "recommends")
    request.recommends = true;
  else if (word == "allow-erasing")
    request.allow_erasing = true;
  else if (word == "lock")
    request.locks.push_back(rest);
  else if (word == "exclude")
    request.excludes.push_back(rest);
  else if (word == "multiversion")
    request.multiversion.push_back(rest);
  else
    ADD_FAILURE() << "unknown wish: " << line;
}

Case read_case(const std::string& path) {
  Case result;
  auto text = read_file(path).value();
  std::string section, repository;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    auto parts = words(line);
    if (parts.empty() || line.starts_with('#')) continue;
    if (parts[0] == "repository" || parts[0] == "installed") {
      section = "packages";
      repository = parts[0] == "installed" ? "@installed" : parts.at(1);
      result.repositories[repository].priority = parts.size() > 3 ? std::stoi(parts[3]) : 99;
    } else if (parts[0] == "request" || parts[0] == "expect") {
      section = parts[0];
      result.in_order = parts.size() > 1;
    } else if (parts[0] == "arch" && section.empty()) {
      result.arch = parts.at(1);
    } else if (section == "packages") {
      add_package_line(result.repositories[repository], line);
    } else if (section == "request") {
      add_request_line(result.request, line);
    } else {
      result.expected.push_back(line);
    }
  }
  return result;
}

std::string line_of(const Step& step) {
  static const char* names[] = {"install", "reinstall", "upgrade", "downgrade", "erase", "replace"};
  auto line = fmt::format("{} {}", names[static_cast<int>(step.action)], to_string(step.item.nevra));
  return step.before ? fmt::format("{} over {}", line, to_string(*step.before)) : line;
}

std::vector<std::string> outcome(const Case& wanted) {
  auto pool = Pool::create(wanted.arch).value();
  auto& state = pool.state();
  for (const auto& [name, universe] : wanted.repositories) {
    auto* repo = state.add_repository(name, universe.priority);
    fill(repo, universe);
    if (name == "@installed") pool_set_installed(state.pool.get(), repo);
  }
  auto solution = pool.solve(wanted.request);
  if (!solution)
    return {"error " + solution.error().code, "says " + solution.error().message,
            "hint " + solution.error().hint};
  std::vector<std::string> lines;
  for (const auto& step : solution->steps) lines.push_back(line_of(step));
  return lines;
}

class Solver : public testing::TestWithParam<std::string> {};

TEST_P(Solver, Decides) {
  auto wanted = read_case(PHOTON_SOURCE_DIR "/tests/unit/rpm/cases/" + GetParam() + ".case");
  ASSERT_FALSE(wanted.expected.empty());
  if (wanted.expected.front() == "nothing") wanted.expected.clear();
  auto found = outcome(wanted);
  if (!wanted.in_order) {
    std::ranges::sort(found);
    std::ranges::sort(wanted.expected);
  }
  EXPECT_EQ(fmt::format("{}", fmt::join(found, "\n")), fmt::format("{}", fmt::join(wanted.expected, "\n")));
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(PHOTON_SOURCE_DIR "/tests/unit/rpm/cases"))
    if (entry.path().extension() == ".case") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Cases, Solver, testing::ValuesIn(cases()), [](const auto& parameter) {
  auto name = parameter.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Pool, KnowsTwoArchitectures) {
  EXPECT_TRUE(Pool::create("aarch64"));
  EXPECT_EQ(Pool::create("sparc").error().kind, Kind::usage);
}

}  // namespace
}  // namespace photon::rpm
