// JSON with comments and trailing commas, as a tree that knows where each value stands.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/json.hpp"

namespace photon::spec {

struct Key {
  std::string name;
  unsigned line = 0;
  unsigned column = 0;
};

struct Node {
  enum class Type { null, flag, number, text, list, object };
  Type type = Type::null;
  bool flag = false;
  std::string text;         ///< of a text; a number as it was written
  std::vector<Node> items;  ///< of a list, or the values of an object
  std::vector<Key> keys;    ///< of an object: as many as items, each name once
  unsigned line = 0;
  unsigned column = 0;

  [[nodiscard]] const Node* find(std::string_view name) const;
  [[nodiscard]] Place place(const std::string& file) const { return {file, line, column}; }
};

/// UTF-8, at most 1 MiB and 64 levels. Columns count characters. Comments, trailing commas and a byte order
/// mark are taken; everything else is JSON to the letter, and a name given twice is an error.
Result<Node> scan(std::string_view text, const std::string& file);
json::value to_json(const Node& node);

}  // namespace photon::spec
