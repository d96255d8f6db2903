#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

constexpr auto example = R"({"./tools": {"version": "2"}})";

/// Texts, numbers and flags as an environment variable would have them.
Result<std::string> option_value(const Node& node, const Key& feature, const Reading& reading) {
  if (node.type == Node::Type::text || node.type == Node::Type::number) return node.text;
  if (node.type == Node::Type::flag) return node.flag ? "true" : "false";
  return fail_at(node.place(reading.file), Kind::usage, "spec.type",
                 fmt::format("an option of \"{}\" must be a text, true or false", shown(feature.name)),
                 fmt::format("for example {}", example));
}

Result<FeatureWish> feature_of(const Key& key, const Node& node, std::string_view property,
                               const Reading& reading) {
  FeatureWish wish{key.name, {}, {}, {reading.file, key.line, key.column}};
  if (node.type == Node::Type::text || node.type == Node::Type::flag) {
    PHOTON_TRY(wish.shorthand, option_value(node, key, reading));
    return wish;
  }
  if (node.type != Node::Type::object)
    return reading.wrong(node, property, "an object of features and their options", example);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    PHOTON_TRY(wish.options[node.keys[i].name], option_value(node.items[i], key, reading));
  }
  return wish;
}

}  // namespace

Result<std::vector<FeatureWish>> features_of(const Node& node, std::string_view property,
                                             const Reading& reading) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, property, "an object of features and their options", example);
  std::vector<FeatureWish> wishes;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    PHOTON_TRY(auto wish, feature_of(node.keys[i], node.items[i], property, reading));
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

}  // namespace photon::spec
