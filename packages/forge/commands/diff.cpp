#include <boost/json/array.hpp>

#include <charconv>

#include "devenv/core/name.hpp"
#include "packages/forge/commands/commands.hpp"
#include "packages/forge/compare.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {arch_option};
constexpr Positional positionals[] = {
    {"A", "a recipe (its newest build), RECIPE@1 (the one before), a key, or an RPM", true,
     Completes::packages},
    {"B", "the same; without it A is compared with the build before", false, Completes::packages}};
constexpr Example examples[] = {{"forge diff openssh", "what the last build of openssh has changed"},
                                {"forge diff openssh@3 openssh", "against three builds ago"},
                                {"forge diff old/zlib.rpm new/zlib.rpm", "two files"}};

Result<std::vector<rpm::Package>> packages_of(const Built& built, const Store& store) {
  std::vector<rpm::Package> out;
  for (const auto& file : built.outputs) {
    if (file.name.ends_with(".src.rpm")) continue;
    PHOTON_TRY(auto package, rpm::read_package(store.path_of(file)));
    out.push_back(std::move(package));
  }
  return out;
}

/// "zlib@2" is the build two before the newest.
Result<Built> find_build(Context& context, const std::string& text, unsigned back) {
  PHOTON_TRY(auto* store, context.store());
  if (text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos) {
    PHOTON_TRY(auto found, store->find(text));
    if (found) return *found;
    return fail(Kind::not_found, "forge.build", fmt::format("no build has the key {}", text));
  }
  auto at = text.rfind('@');
  auto name = text.substr(0, at);
  if (at != text.npos) {
    auto number = std::string_view(text).substr(at + 1);
    auto read = std::from_chars(number.data(), number.data() + number.size(), back);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size())
      return fail(Kind::usage, "cli.usage", fmt::format("\"{}\" is no build", shown(text)),
                  "RECIPE@1 is the one before the newest");
  }
  PHOTON_TRY(auto arch, context.arch());
  PHOTON_TRY(auto builds, store->history(name, arch));
  if (back < builds.size()) return builds[back];
  return fail(Kind::not_found, "forge.build",
              builds.empty()
                  ? fmt::format("{} has not been built for {}", shown(name), arch)
                  : fmt::format("{} has {} stored builds, not {}", shown(name), builds.size(), back + 1),
              builds.empty() ? fmt::format("forge build {}", shown(name)) : "");
}

Result<std::vector<rpm::Package>> side(Context& context, const std::string& text, unsigned back) {
  if (text.ends_with(".rpm")) {
    PHOTON_TRY(auto package, rpm::read_package(text));
    return std::vector{std::move(package)};
  }
  PHOTON_TRY(auto built, find_build(context, text, back));
  PHOTON_TRY(auto* store, context.store());
  return packages_of(built, *store);
}

std::string line_of(const Change& change) {
  if (change.before.empty()) return fmt::format("  + {:<10} {}\n", change.what, harmless(change.after));
  if (change.after.empty()) return fmt::format("  - {:<10} {}\n", change.what, harmless(change.before));
  return fmt::format("  ~ {:<10} {} → {}\n", change.what, harmless(change.before), harmless(change.after));
}

Result<int> run(Context& context) {
  auto a = context.arguments.positional(0), b = context.arguments.positional(1);
  if (b.empty() && a.ends_with(".rpm"))
    return fail(Kind::usage, "cli.usage", "diff needs two RPMs", "forge diff A.rpm B.rpm");
  PHOTON_TRY(auto before, side(context, a, b.empty() ? 1 : 0));
  PHOTON_TRY(auto after, side(context, b.empty() ? a : b, 0));
  auto changes = compare_packages(before, after);
  json::array list;
  std::string text, package;
  for (const auto& one : changes) {
    list.push_back(
        {{"package", one.package}, {"what", one.what}, {"before", one.before}, {"after", one.after}});
    if (package != one.package) text += one.package + "\n";
    package = one.package;
    text += line_of(one);
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"changes", std::move(list)}}));
  } else {
    PHOTON_CHECK(context.print(text.empty() ? "no difference\n" : text));
  }
  return 0;
}

}  // namespace

extern const Command diff_command{"diff", "compare two builds of a package", options, positionals, examples,
                                  run};

}  // namespace photon::forge
