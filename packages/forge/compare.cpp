#include "packages/forge/compare.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace photon::forge {
namespace {

class Comparison {
 public:
  Comparison(std::string package, std::vector<Change>& out) : package_(std::move(package)), out_(out) {}

  void texts(std::string_view what, const std::vector<std::string>& before,
             const std::vector<std::string>& after) {
    std::set<std::string> was(before.begin(), before.end()), is(after.begin(), after.end());
    for (const auto& one : was)
      if (!is.contains(one)) add(what, one, "");
    for (const auto& one : is)
      if (!was.contains(one)) add(what, "", one);
  }

  void value(std::string_view what, const std::string& before, const std::string& after) {
    if (before != after) add(what, before, after);
  }

  void file(const rpm::File& before, const rpm::File& after) {
    auto at = [&](const std::string& text) { return fmt::format("{} {}", before.path, text); };
    if (before.digest != after.digest || before.link != after.link)
      add("content", at(before.link.empty() ? before.digest.substr(0, 12) : before.link),
          at(after.link.empty() ? after.digest.substr(0, 12) : after.link));
    if (before.mode != after.mode)
      add("mode", at(fmt::format("{:o}", before.mode)), at(fmt::format("{:o}", after.mode)));
    if (before.user != after.user || before.group != after.group)
      add("owner", at(before.user + ":" + before.group), at(after.user + ":" + after.group));
  }

  void files(const std::vector<rpm::File>& before, const std::vector<rpm::File>& after) {
    std::map<std::string_view, const rpm::File*> was, is;
    for (const auto& one : before) was[one.path] = &one;
    for (const auto& one : after) is[one.path] = &one;
    for (const auto& [path, one] : was) {
      if (auto found = is.find(path); found == is.end())
        add("file", one->path, "");
      else
        file(*one, *found->second);
    }
    for (const auto& [path, one] : is)
      if (!was.contains(path)) add("file", "", one->path);
  }

 private:
  void add(std::string_view what, std::string before, std::string after) {
    out_.push_back({package_, std::string(what), std::move(before), std::move(after)});
  }

  std::string package_;
  std::vector<Change>& out_;
};

void compare_one(const rpm::Package& before, const rpm::Package& after, std::vector<Change>& out) {
  Comparison comparison(after.nevra.name, out);
  comparison.value("version", rpm::to_string(before.nevra.evr), rpm::to_string(after.nevra.evr));
  comparison.value("arch", before.nevra.arch, after.nevra.arch);
  comparison.value("license", before.license, after.license);
  comparison.value("summary", before.summary, after.summary);
  comparison.texts("provides", before.provides, after.provides);
  comparison.texts("requires", before.needs, after.needs);
  comparison.texts("conflicts", before.conflicts, after.conflicts);
  comparison.texts("obsoletes", before.obsoletes, after.obsoletes);
  comparison.texts("recommends", before.recommends, after.recommends);
  comparison.files(before.files, after.files);
}

}  // namespace

std::vector<Change> compare_packages(const std::vector<rpm::Package>& before,
                                     const std::vector<rpm::Package>& after) {
  std::map<std::string, std::pair<const rpm::Package*, const rpm::Package*>> pairs;
  for (const auto& one : before) pairs[one.nevra.name].first = &one;
  for (const auto& one : after) pairs[one.nevra.name].second = &one;
  std::vector<Change> out;
  for (const auto& [name, pair] : pairs) {
    if (pair.first && pair.second)
      compare_one(*pair.first, *pair.second, out);
    else
      out.push_back({name, "package", pair.first ? rpm::to_string(pair.first->nevra) : "",
                     pair.second ? rpm::to_string(pair.second->nevra) : ""});
  }
  return out;
}

}  // namespace photon::forge
