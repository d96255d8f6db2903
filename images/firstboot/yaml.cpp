#include "images/firstboot/yaml.hpp"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <optional>

#include "devenv/core/name.hpp"

namespace photon::first_boot::yaml {
namespace {

constexpr std::size_t most_bytes = 1 << 20, most_nodes = 20000, most_levels = 32;

class Reader {
 public:
  Reader(std::string_view text, std::string_view file) : file_(file) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (ready_)
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size());
  }
  ~Reader() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<Node> document() {
    Node root;
    for (;;) {
      PHOTON_TRY(auto event, next());
      switch (event.data.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
          break;
        case YAML_STREAM_END_EVENT:
          return root;
        case YAML_DOCUMENT_START_EVENT:
          if (seen_) return wrong(event.data.start_mark, "a second document begins here", "only one is read");
          seen_ = true;
          {
            PHOTON_TRY(auto first, next());
            PHOTON_TRY(root, node(first, 0));
          }
          break;
        default:
          return wrong(event.data.start_mark, "this is no YAML document");
      }
    }
  }

 private:
  struct Event {
    yaml_event_t data{};
    Event() = default;
    Event(Event&& other) noexcept : data(other.data) { other.data = {}; }
    Event& operator=(Event&& other) noexcept {
      std::swap(data, other.data);
      return *this;
    }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&data); }
  };

  [[nodiscard]] Place place(const yaml_mark_t& mark) const {
    return {file_, static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
  }
  tl::unexpected<Error> wrong(const yaml_mark_t& mark, std::string message, std::string hint = {}) const {
    return fail_at(place(mark), Kind::usage, "first-boot.yaml", std::move(message), std::move(hint));
  }

  Result<Event> next() {
    Event event;
    if (!ready_) return fail(Kind::internal, "first-boot.yaml", "no memory for a YAML reader");
    if (yaml_parser_parse(&parser_, &event.data) == 1) return event;
    // Bytes that are no text have an offset and no mark.
    auto mark = parser_.problem_mark;
    return wrong(mark, parser_.problem ? shown(parser_.problem, 200) : "this cannot be read");
  }

  Result<Node> node(const Event& event, std::size_t level) {
    const auto& data = event.data;
    if (++nodes_ > most_nodes) return wrong(data.start_mark, fmt::format("more than {} values", most_nodes));
    if (level > most_levels) return wrong(data.start_mark, fmt::format("deeper than {} levels", most_levels));
    Node out;
    out.where = place(data.start_mark);
    switch (data.type) {
      case YAML_SCALAR_EVENT:
        return scalar(data, std::move(out));
      case YAML_SEQUENCE_START_EVENT:
        return list(std::move(out), level);
      case YAML_MAPPING_START_EVENT:
        return map(std::move(out), level);
      case YAML_ALIAS_EVENT:
        return wrong(data.start_mark, "aliases (*name) are not read", "write the value once more");
      default:
        return wrong(data.start_mark, "a value is missing here");
    }
  }

  Result<Node> scalar(const yaml_event_t& data, Node out) {
    const auto& scalar = data.data.scalar;
    if (scalar.tag) {
      std::string_view tag(reinterpret_cast<const char*>(scalar.tag));
      if (tag != "tag:yaml.org,2002:str" && tag != "tag:yaml.org,2002:binary")
        return wrong(data.start_mark, fmt::format("the tag {} is not read", shown(tag)));
      out.quoted = true;
    }
    out.kind = Node::Kind::text;
    out.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    out.quoted = out.quoted || scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return out;
  }

  Result<Node> list(Node out, std::size_t level) {
    out.kind = Node::Kind::list;
    for (;;) {
      PHOTON_TRY(auto event, next());
      if (event.data.type == YAML_SEQUENCE_END_EVENT) return out;
      PHOTON_TRY(auto item, node(event, level + 1));
      out.items.push_back(std::move(item));
    }
  }

  Result<Node> map(Node out, std::size_t level) {
    out.kind = Node::Kind::map;
    for (;;) {
      PHOTON_TRY(auto event, next());
      if (event.data.type == YAML_MAPPING_END_EVENT) return out;
      PHOTON_TRY(auto key, node(event, level + 1));
      if (key.kind != Node::Kind::text) return wrong(event.data.start_mark, "a key has to be a word");
      if (std::find(out.keys.begin(), out.keys.end(), key.text) != out.keys.end())
        return wrong(event.data.start_mark,
                     fmt::format("\"{}\" is here for the second time", shown(key.text)));
      PHOTON_TRY(auto after, next());
      PHOTON_TRY(auto value, node(after, level + 1));
      out.keys.push_back(std::move(key.text));
      out.key_places.push_back(std::move(key.where));
      out.items.push_back(std::move(value));
    }
  }

  yaml_parser_t parser_{};
  std::string file_;
  bool ready_ = false, seen_ = false;
  std::size_t nodes_ = 0;
};

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) return &items[i];
  return nullptr;
}

bool Node::is_null() const {
  return kind == Kind::nothing ||
         (kind == Kind::text && !quoted &&
          (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL"));
}

std::optional<bool> Node::truth() const {
  static constexpr std::array<std::string_view, 9> good = {"true", "True", "TRUE", "yes", "Yes",
                                                           "YES",  "on",   "On",   "ON"};
  static constexpr std::array<std::string_view, 9> bad = {"false", "False", "FALSE", "no", "No",
                                                          "NO",    "off",   "Off",   "OFF"};
  if (kind != Kind::text) return std::nullopt;
  if (one_of(text, good)) return true;
  if (one_of(text, bad)) return false;
  return std::nullopt;
}

Result<Node> parse(std::string_view text, std::string_view file) {
  if (text.size() > most_bytes)
    return fail_at({std::string(file), 0, 0}, Kind::usage, "first-boot.yaml",
                   fmt::format("more than {} bytes", most_bytes));
  return Reader(text, file).document();
}

}  // namespace photon::first_boot::yaml
