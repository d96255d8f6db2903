// The document, the router and the bodies say the same.
#include <gtest/gtest.h>

#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

/// The document is written with one fixed indentation (two spaces a level), so lines and depths are enough to
/// read it; a YAML library would be one more dependency for one test.
struct Line {
  std::size_t depth = 0;
  std::string key;
  std::string rest;
};

std::vector<Line> lines() {
  std::vector<Line> all;
  std::string_view text = openapi_document();
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto indent = std::min(line.find_first_not_of(' '), line.size());
    auto colon = line.find(':');
    if (indent == line.size() || line[indent] == '#' || colon == line.npos) continue;
    all.push_back(
        {indent / 2, std::string(line.substr(indent, colon - indent)), std::string(line.substr(colon + 1))});
  }
  return all;
}

/// The keys below `path`, in order.
std::vector<std::string> below(const std::vector<std::string>& path) {
  std::vector<std::string> found;
  std::vector<std::string> at;
  for (const auto& line : lines()) {
    at.resize(line.depth);
    at.push_back(line.key);
    if (at.size() == path.size() + 1 && std::equal(path.begin(), path.end(), at.begin()))
      found.push_back(line.key);
  }
  return found;
}

std::set<std::string> names(const std::vector<std::string>& keys) { return {keys.begin(), keys.end()}; }

std::set<std::string> names(const json::value& object) {
  std::set<std::string> found;
  for (const auto& item : object.get_object()) found.insert(item.key());
  return found;
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  std::set<std::string> routed;
  for (const auto& route : all_routes()) routed.insert(route.method + " " + route.pattern);
  std::set<std::string> described;
  for (const auto& path : below({"paths"}))
    for (auto word : below({"paths", path})) {
      std::transform(word.begin(), word.end(), word.begin(),
                     [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      described.insert(word + " " + path);
    }
  EXPECT_EQ(routed, described);
}

TEST(OpenApi, SchemasHaveTheMembersThatAreWritten) {
  wire::Operation operation;
  operation.error.emplace();
  operation.result.emplace();
  operation.built.emplace();
  operation.prebuild.emplace();
  Error error{Kind::failed, "c", "m", Place{"f", 1, 1}, "h", {"t"}};
  std::map<std::string, json::value> written{{"Version", to_json(wire::Version())},
                                             {"DaemonStatus", to_json(wire::DaemonStatus())},
                                             {"Check", to_json(wire::Check())},
                                             {"Port", to_json(wire::Port())},
                                             {"Service", to_json(wire::Service())},
                                             {"Environment", to_json(wire::Environment())},
                                             {"Container", to_json(wire::Container())},
                                             {"Caller", to_json(wire::Caller())},
                                             {"Dotfiles", to_json(wire::Dotfiles())},
                                             {"Hooks", to_json(wire::Hooks())},
                                             {"Up", to_json(wire::Up())},
                                             {"Build", to_json(wire::Build())},
                                             {"Built", to_json(wire::Built())},
                                             {"MakePrebuild", to_json(wire::MakePrebuild())},
                                             {"Prebuild", to_json(wire::Prebuild())},
                                             {"Export", to_json(wire::Export())},
                                             {"Pull", to_json(wire::Pull())},
                                             {"Publish", to_json(wire::Publish())},
                                             {"Import", to_json(wire::Import())},
                                             {"Image", to_json(wire::Image())},
                                             {"Login", to_json(wire::Login())},
                                             {"Change", to_json(wire::Change())},
                                             {"Operation", to_json(operation)},
                                             {"Progress", wire::to_json(Progress())},
                                             {"Error", photon::to_json(error)}};
  EXPECT_EQ(below({"components", "schemas"}).size(), written.size());
  for (const auto& [name, value] : written)
    EXPECT_EQ(names(below({"components", "schemas", name, "properties"})), names(value)) << name;
}

TEST(OpenApi, ReferencesLeadSomewhere) {
  auto schemas = names(below({"components", "schemas"}));
  auto responses = names(below({"components", "responses"}));
  std::string_view text = openapi_document();
  unsigned checked = 0;
  constexpr std::string_view mark = "#/components/";
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    auto target = text.substr(at + mark.size(), text.find('"', at) - at - mark.size());
    auto slash = target.find('/');
    const auto& group = target.substr(0, slash) == "schemas" ? schemas : responses;
    EXPECT_TRUE(group.contains(std::string(target.substr(slash + 1)))) << target;
    ++checked;
  }
  EXPECT_GT(checked, 30U);
}

}  // namespace
}  // namespace photon::routes
