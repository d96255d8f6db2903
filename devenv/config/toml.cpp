#include "devenv/config/toml.hpp"

#include <toml++/toml.h>

#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::config {
namespace {

/// Lines and columns (which count characters) as offsets of bytes.
std::size_t offset_of(const std::string& text, toml::source_position position) {
  std::size_t at = 0;
  for (unsigned line = 1; line < position.line && at < text.size(); ++line) {
    auto end = text.find('\n', at);
    at = end == text.npos ? text.size() : end + 1;
  }
  for (unsigned column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  }
  return at;
}

class Reader {
 public:
  Reader(const std::string& text, const std::string& file) : text_(text), file_(file) {}

  void table(const toml::table& table, std::vector<std::string> path) {
    if (table.empty() && !path.empty()) add(table, path, Leaf::Type::empty_table);
    for (const auto& [key, node] : table) {
      auto inner = path;
      inner.emplace_back(key.str());
      if (const auto* sub = node.as_table())
        this->table(*sub, std::move(inner));
      else if (const auto* list = node.as_array(); list && list->is_array_of_tables())
        elements(*list, inner);
      else
        value(node, std::move(inner));
    }
  }

  std::vector<Leaf> leaves;

 private:
  void elements(const toml::array& list, const std::vector<std::string>& path) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto inner = path;
      inner.push_back(std::to_string(i));
      add(list[i], inner, Leaf::Type::element);
      table(*list[i].as_table(), std::move(inner));
    }
  }

  void value(const toml::node& node, std::vector<std::string> path) {
    auto& leaf = add(node, std::move(path), Leaf::Type::other);
    if (const auto* text = node.as_string()) {
      leaf.type = Leaf::Type::text;
      leaf.text = text->get();
    } else if (const auto* list = node.as_array()) {
      leaf.type = Leaf::Type::list;
      for (const auto& item : *list) {
        const auto* one = item.as_string();
        if (!one) leaf.type = Leaf::Type::other;
        if (one) leaf.list.push_back(one->get());
      }
    }
  }

  Leaf& add(const toml::node& node, std::vector<std::string> path, Leaf::Type type) {
    const auto& source = node.source();
    Leaf leaf;
    leaf.path = std::move(path);
    leaf.type = type;
    leaf.place = {file_, source.begin.line, source.begin.column};
    leaf.begin = offset_of(text_, source.begin);
    leaf.end = offset_of(text_, source.end);
    return leaves.emplace_back(std::move(leaf));
  }

  const std::string& text_;
  const std::string& file_;
};

}  // namespace

Result<std::vector<Leaf>> read_toml(const std::string& text, const std::string& file) {
  Reader reader(text, file);
  try {
    reader.table(toml::parse(text), {});
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return fail_at({file, at.line, at.column}, Kind::usage, "config.syntax", shown(error.description(), 200),
                   "the file is TOML: name = \"value\" below a [table]");
  }
  auto before = [](const Leaf& a, const Leaf& b) { return a.begin < b.begin; };
  std::stable_sort(reader.leaves.begin(), reader.leaves.end(), before);
  return std::move(reader.leaves);
}

std::string toml_key(const std::string& name) {
  constexpr auto bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  bool plain = !name.empty() && name.find_first_not_of(bare) == name.npos;
  return plain ? name : toml_text(name);
}

}  // namespace photon::config
