// YAML of others as a bounded tree in which every value knows its place. Read by the library's events, so
// that what is too much is refused before it is made: an alias counts as all that it stands for.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::compose::yaml {

/// What a document may hold at most, aliases written out.
inline constexpr std::size_t most_bytes = 1 << 20, most_nodes = 20000, most_levels = 32, most_text = 8 << 20;

struct Node {
  enum class Kind { nothing, text, list, map };
  Kind kind = Kind::nothing;
  std::string text{};
  bool quoted = false;              ///< "null" is a word where null is nothing
  std::string tag{};                ///< "!reset", "!override"; else ""
  std::vector<std::string> keys{};  ///< of a map, beside items; each once
  std::vector<Place> key_places{};
  std::vector<Node> items{};
  Place where{};

  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
  [[nodiscard]] bool is_text() const { return kind == Kind::text; }
  [[nodiscard]] bool is_list() const { return kind == Kind::list; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_nothing() const { return kind == Kind::nothing; }
  /// true, yes, on, y, 1 and their opposites; nullopt: no truth at all.
  [[nodiscard]] std::optional<bool> truth() const;
  /// Of a map: sets a member in its place, or appends it.
  void set(const std::string& key, const Place& at, Node value);
  void erase(std::string_view key);
};

/// One document; `file` is what places call it. Anchors, aliases and "<<" are written out. An empty one is
/// Kind::nothing.
Result<Node> parse(std::string_view text, const std::string& file);

/// How many values a tree has.
std::size_t count(const Node& node);
/// The tree without its places: the same for two that mean the same. Maps are sorted by their keys.
std::string canonical(const Node& node);

}  // namespace photon::compose::yaml
