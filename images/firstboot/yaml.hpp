// YAML of others as a bounded tree in which every value knows its place. Read by libyaml's events, so that
// what is too much is refused before it is made: no aliases (the way to write a gigabyte in a line), no tags
// of types, 32 levels, a megabyte.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::first_boot::yaml {

struct Node {
  enum class Kind { nothing, text, list, map };
  Kind kind = Kind::nothing;
  std::string text{};
  bool quoted = false;              ///< "yes" is a word where yes is a truth
  std::vector<std::string> keys{};  ///< of a map, beside items
  std::vector<Place> key_places{};
  std::vector<Node> items{};
  Place where{};

  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] bool is_null() const;
  /// As YAML 1.1 has it: yes, true, on; nullopt: no truth at all.
  [[nodiscard]] std::optional<bool> truth() const;
};

/// One document; `file` is what places call it. An empty one is Kind::nothing.
Result<Node> parse(std::string_view text, std::string_view file);

}  // namespace photon::first_boot::yaml
