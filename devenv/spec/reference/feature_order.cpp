// The order in which features are installed.
#include <algorithm>

#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

int flag_order(bool a, bool b) { return a == b ? 0 : a ? 1 : -1; }

int compare_option(const Value& a, const Value& b) {
  if (a.text() && b.text()) return compare_locale(*a.text(), *b.text());
  if (a.flag() && b.flag()) return flag_order(*a.flag(), *b.flag());
  if (a.undefined() || b.undefined()) return a.undefined() == b.undefined() ? 0 : a.undefined() ? 1 : -1;
  return 0;
}

int compare_members(const Object& a, const Object& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  auto sorted = [](const Object& object) {
    auto names = object.names();
    std::sort(names.begin(), names.end(),
              [](const auto& x, const auto& y) { return code_units(x) < code_units(y); });
    return names;
  };
  auto left = sorted(a), right = sorted(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i]) return compare_locale(left[i], right[i]);
    if (int order = compare_option(*a.find(left[i]), *b.find(left[i])); order != 0) return order;
  }
  return 0;
}

Result<int> compare_options(const Value& a, const Value& b) {
  if (a.text() && b.text()) return compare_locale(*a.text(), *b.text());
  if (a.flag() && b.flag()) return flag_order(*a.flag(), *b.flag());
  if (a.type() != "object" || b.type() != "object") return compare_locale(a.type(), b.type());
  PHOTON_CHECK(key_count(a));
  PHOTON_CHECK(key_count(b));
  return compare_members(spread(a), spread(b));
}

bool same_place(const FeatureNode& node, const std::string& path) { return node.key.path == path; }

Result<bool> is_met(const FeatureNode& node, const std::vector<FeatureNode>& installed) {
  for (const auto& needed : node.depends) {
    bool found = false;
    for (const auto& one : installed) {
      PHOTON_TRY(int order, compare_features(one.key, needed));
      if (order == 0) found = true;
    }
    if (!found) return false;
  }
  for (const auto& before : node.after)
    if (std::none_of(installed.begin(), installed.end(),
                     [&](const auto& one) { return same_place(one, before); }))
      return false;
  return true;
}

/// Of those whose needs are met the ones of the highest priority.
Result<std::vector<FeatureNode>> next_round(const std::vector<FeatureNode>& left,
                                            const std::vector<FeatureNode>& installed) {
  std::vector<FeatureNode> round;
  for (const auto& node : left) {
    PHOTON_TRY(bool met, is_met(node, installed));
    if (!met || (!round.empty() && round.front().priority > node.priority)) continue;
    if (!round.empty() && round.front().priority < node.priority) round.clear();
    // Sorted as it comes in: behind those that it does not precede.
    auto place = round.end();
    while (place != round.begin()) {
      PHOTON_TRY(int order, compare_features(node.key, std::prev(place)->key));
      if (order >= 0) break;
      --place;
    }
    round.insert(place, node);
  }
  return round;
}

}  // namespace

Result<int> compare_features(const FeatureKey& a, const FeatureKey& b) {
  if (int order = compare_locale(a.path, b.path); order != 0) return order;
  return compare_options(a.options, b.options);
}

Result<std::vector<FeatureNode>> install_order(std::vector<FeatureNode> left) {
  for (auto& node : left)
    std::erase_if(node.after, [&](const std::string& path) {
      return std::none_of(left.begin(), left.end(), [&](const auto& one) { return same_place(one, path); });
    });
  std::vector<FeatureNode> installed;
  while (!left.empty()) {
    PHOTON_TRY(auto round, next_round(left, installed));
    if (round.empty()) {
      std::vector<std::string> ids;
      for (const auto& node : left) ids.push_back(node.id);
      return fail(Kind::failed, "reference.circle",
                  fmt::format("Circular dependency of features: {}", fmt::join(ids, ", ")));
    }
    std::vector<FeatureNode> others;
    for (auto& node : left) {
      bool taken = false;
      for (const auto& one : round) {
        PHOTON_TRY(int order, compare_features(one.key, node.key));
        taken = taken || order == 0;
      }
      if (!taken) others.push_back(std::move(node));
    }
    left = std::move(others);
    std::move(round.begin(), round.end(), std::back_inserter(installed));
  }
  return installed;
}

}  // namespace photon::spec::reference
