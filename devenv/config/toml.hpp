// toml++ behind three plain functions; its header is slow to compile and stays in toml.cpp.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::config {

/// A value of the file with the names that lead to it. Offsets are bytes into the text. In a list of tables
/// ([[source]]) the names have a number ("source", "0", "url"), and a leaf of type `element` begins each
/// table.
struct Leaf {
  enum class Type { text, list, empty_table, element, other };
  std::vector<std::string> path;
  Type type = Type::other;
  std::string text;
  std::vector<std::string> list;
  Place place{};
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// In the order of the file. A list of anything but texts is `other`.
Result<std::vector<Leaf>> read_toml(const std::string& text, const std::string& file);
/// A name, in quotes only where it needs them.
std::string toml_key(const std::string& name);

}  // namespace photon::config
