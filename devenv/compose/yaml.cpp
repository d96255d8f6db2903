#include "devenv/compose/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "devenv/core/name.hpp"
#include "devenv/core/utf8.hpp"

namespace photon::compose::yaml {
namespace {

/// The way out of the library's calls: it knows no other.
struct Stop {
  Error error;
};

struct Size {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
};

Size size_of(const Node& node) {
  Size size{1, node.text.size()};
  for (const auto& key : node.keys) size.bytes += key.size();
  for (const auto& item : node.items) {
    auto more = size_of(item);
    size.nodes += more.nodes;
    size.bytes += more.bytes;
  }
  return size;
}

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  Node root;

  [[nodiscard]] Place place(const YAML::Mark& mark) const {
    return {file_, static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
  }
  [[noreturn]] void refuse(const Place& at, std::string message, std::string hint = {}) const {
    throw Stop{fail_at(at, Kind::usage, "compose.yaml", std::move(message), std::move(hint)).value()};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_) refuse(place(mark), "a second document begins here", "a compose file has one");
    seen_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.where = place(mark);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.where = place(mark);
    node.tag = tag_of(tag, node.where);
    const bool empty = value.empty() || value == "null" || value == "~";
    if (!node.tag.empty() && empty) return add(std::move(node), anchor);  // "!reset null"
    node.kind = Node::Kind::text;
    node.text = value;
    node.quoted = tag == "!" || tag.ends_with(":str");
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      refuse(place(mark), "an alias stands within what it stands for", "write the value out");
    count(found->second.size, place(mark));
    attach(found->second.node);
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<std::pair<std::string, Place>> key{};  ///< whose value is to come
    std::vector<Node> merged{};                          ///< what "<<" brings
    bool takes_merge = false;
    bool merge_seen = false;
  };
  struct Anchored {
    Node node;
    Size size;
  };

  std::string tag_of(const std::string& tag, const Place& at) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) {
      if (tag.ends_with(":binary") || tag.ends_with(":set") || tag.ends_with(":omap"))
        refuse(at, fmt::format("the tag {} is not read", shown(tag)), "write a text, a list or a map");
      return {};
    }
    if (tag == "!reset" || tag == "!override") return tag;
    refuse(at, fmt::format("the tag {} is not known", shown(tag)), "!reset and !override are");
  }

  void count(Size more, const Place& at) {
    size_.nodes += more.nodes;
    size_.bytes += more.bytes;
    if (size_.nodes > most_nodes || size_.bytes > most_text)
      refuse(at, fmt::format("the file holds more than {} values, aliases written out", most_nodes),
             "split it, or write less by aliases");
  }

  void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Open open;
    open.node.kind = kind;
    open.node.where = place(mark);
    open.node.tag = tag_of(tag, open.node.where);
    open.anchor = anchor;
    if (open_.size() >= most_levels)
      refuse(open.node.where, fmt::format("this is deeper than {} levels", most_levels));
    count({1, 0}, open.node.where);
    open_.push_back(std::move(open));
  }

  void end() {
    auto open = std::move(open_.back());
    open_.pop_back();
    // What is said itself wins, then what was brought first.
    for (const auto& from : open.merged)
      for (std::size_t i = 0; i < from.keys.size(); ++i)
        if (!open.node.find(from.keys[i])) open.node.set(from.keys[i], from.key_places[i], from.items[i]);
    remember(open.node, open.anchor);
    attach(std::move(open.node));
  }

  void add(Node node, YAML::anchor_t anchor) {
    count({1, node.text.size()}, node.where);
    remember(node, anchor);
    attach(std::move(node));
  }

  void remember(const Node& node, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    auto size = size_of(node);
    // Kept beside the tree: this is memory, too.
    kept_ += size.nodes;
    if (kept_ > most_nodes) refuse(node.where, "the file has too many anchors within anchors");
    anchors_[anchor] = {node, size};
  }

  void attach(Node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    auto& open = open_.back();
    if (open.node.kind == Node::Kind::list) {
      open.node.items.push_back(std::move(node));
    } else if (open.takes_merge) {
      open.takes_merge = false;
      bring(open, std::move(node));
    } else if (!open.key) {
      take_key(open, std::move(node));
    } else {
      open.node.keys.push_back(std::move(open.key->first));
      open.node.key_places.push_back(std::move(open.key->second));
      open.node.items.push_back(std::move(node));
      open.key.reset();
    }
  }

  void take_key(Open& open, Node node) {
    if (node.kind != Node::Kind::text) refuse(node.where, "a key has to be a word");
    if (node.text == "<<" && !node.quoted) {
      if (std::exchange(open.merge_seen, true))
        refuse(node.where, "\"<<\" is here for the second time", "it takes a list: <<: [*a, *b]");
      open.takes_merge = true;
      return;
    }
    if (open.node.find(node.text))
      refuse(node.where, fmt::format("\"{}\" is here for the second time", shown(node.text)),
             "keep one of them");
    open.key = {std::move(node.text), std::move(node.where)};
  }

  void bring(Open& open, Node node) {
    if (node.kind == Node::Kind::list) {
      for (auto& item : node.items) {
        if (!item.is_map()) refuse(item.where, "\"<<\" takes maps", "for example <<: *common");
        open.merged.push_back(std::move(item));
      }
      return;
    }
    if (node.is_nothing()) return;
    if (!node.is_map()) refuse(node.where, "\"<<\" takes a map", "for example <<: *common");
    open.merged.push_back(std::move(node));
  }

  std::string file_;
  bool seen_ = false;
  Size size_;
  std::size_t kept_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
};

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  });
}

void write_text(std::string_view text, std::string& out) { out += fmt::format("{}:{}", text.size(), text); }

void write_canonical(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::nothing:
      out += '~';
      break;
    case Node::Kind::text:
      write_text(node.text, out);
      break;
    case Node::Kind::list:
      out += '[';
      for (const auto& item : node.items) write_canonical(item, out);
      out += ']';
      break;
    case Node::Kind::map: {
      std::map<std::string_view, const Node*> sorted;
      for (std::size_t i = 0; i < node.keys.size(); ++i) sorted[node.keys[i]] = &node.items[i];
      out += '{';
      for (const auto& [key, item] : sorted) {
        write_text(key, out);
        write_canonical(*item, out);
      }
      out += '}';
      break;
    }
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) return &items[i];
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::optional<bool> Node::truth() const {
  static constexpr std::array<std::string_view, 5> good = {"true", "yes", "on", "y", "1"};
  static constexpr std::array<std::string_view, 5> bad = {"false", "no", "off", "n", "0"};
  if (kind != Kind::text) return std::nullopt;
  if (one_of(text, good)) return true;
  if (one_of(text, bad)) return false;
  return std::nullopt;
}

void Node::set(const std::string& key, const Place& at, Node value) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) {
      key_places[i] = at;
      items[i] = std::move(value);
      return;
    }
  keys.push_back(key);
  key_places.push_back(at);
  items.push_back(std::move(value));
}

void Node::erase(std::string_view key) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) {
      auto at = static_cast<std::ptrdiff_t>(i);
      keys.erase(keys.begin() + at);
      key_places.erase(key_places.begin() + at);
      items.erase(items.begin() + at);
      return;
    }
}

Result<Node> parse(std::string_view text, const std::string& file) {
  if (text.size() > most_bytes)
    return fail_at({file, 0, 0}, Kind::usage, "compose.yaml", fmt::format("more than {} bytes", most_bytes));
  if (!is_utf8(text))
    return fail_at({file, 0, 0}, Kind::usage, "compose.yaml", "the file is no text in UTF-8",
                   "save it in that encoding");
  Builder builder(file);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    return std::move(builder.root);
  } catch (Stop& stop) {
    return tl::unexpected(std::move(stop.error));
  } catch (const YAML::Exception& fault) {
    return fail_at(builder.place(fault.mark), Kind::usage, "compose.yaml",
                   fmt::format("this is no YAML: {}", shown(fault.msg, 200)));
  }
}

std::size_t count(const Node& node) { return size_of(node).nodes; }

std::string canonical(const Node& node) {
  std::string out;
  write_canonical(node, out);
  return out;
}

}  // namespace photon::compose::yaml
