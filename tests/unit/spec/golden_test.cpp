// data/NAME/devcontainer.json → data/NAME/plan.json (the plan and its warnings). PHOTON_ACCEPT=1 writes them
// anew.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "tests/unit/spec/inputs.hpp"

namespace photon::spec {
namespace {

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(PHOTON_SOURCE_DIR "/tests/unit/spec/data"))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string outcome(const Result<Resolved>& resolved) {
  json::object out;
  if (!resolved) {
    out["error"] = to_json(resolved.error());
    return write_json_pretty(out);
  }
  out["plan"] = to_json(resolved->plan);
  json::array warnings;
  for (const auto& warning : resolved->warnings)
    warnings.push_back(
        json::value(sentence(Error{Kind::usage, "", warning.message, warning.where}) + " | " + warning.hint));
  out["warnings"] = std::move(warnings);
  return write_json_pretty(out);
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, PlanIsTheAcceptedOne) {
  auto folder = PHOTON_SOURCE_DIR "/tests/unit/spec/data/" + GetParam();
  auto text = read_file(folder + "/devcontainer.json");
  ASSERT_TRUE(text) << sentence(text.error());
  auto resolved = World(*text).resolve();
  auto made = outcome(resolved);
  if (resolved) {
    auto again = plan_from_json(to_json(resolved->plan));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, resolved->plan) << "a plan does not survive JSON";
  }
  if (std::getenv("PHOTON_ACCEPT")) {
    ASSERT_TRUE(write_file(folder + "/plan.json", made, 0644));
    FAIL() << "accepted: review " << folder << "/plan.json";
  }
  auto golden = read_file(folder + "/plan.json");
  ASSERT_TRUE(golden) << sentence(golden.error());
  EXPECT_EQ(made, *golden);
}

INSTANTIATE_TEST_SUITE_P(Spec, Golden, testing::ValuesIn(cases()), [](const auto& one) {
  auto name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace photon::spec
