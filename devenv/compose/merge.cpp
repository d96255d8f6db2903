#include "devenv/compose/merge.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace photon::compose {
namespace {

using yaml::Node;

enum class How {
  replace,     ///< the later one takes its place
  mapping,     ///< a list of pairs or a map, by name
  hosts,       ///< the same, divided by '=' or ':'
  names,       ///< a list of names or a map of them
  sequence,    ///< one text or a list, appended
  by_target,   ///< a list in which a later one of the same target takes an earlier one's place
  by_network,  ///< names, or a map of what each is
  build,       ///< a folder or a map
  logging,     ///< options belong to their driver
};

struct Rule {
  std::string_view path;
  How how;
};

constexpr std::array rules{
    Rule{"services.*.command", How::replace},
    Rule{"services.*.entrypoint", How::replace},
    Rule{"services.*.healthcheck.test", How::replace},
    Rule{"services.*.environment", How::mapping},
    Rule{"services.*.labels", How::mapping},
    Rule{"services.*.annotations", How::mapping},
    Rule{"services.*.sysctls", How::mapping},
    Rule{"services.*.extra_hosts", How::hosts},
    Rule{"services.*.build", How::build},
    Rule{"services.*.build.args", How::mapping},
    Rule{"services.*.build.labels", How::mapping},
    Rule{"services.*.build.additional_contexts", How::mapping},
    Rule{"services.*.build.extra_hosts", How::hosts},
    Rule{"services.*.deploy.labels", How::mapping},
    Rule{"services.*.depends_on", How::names},
    Rule{"services.*.networks", How::by_network},
    Rule{"services.*.dns", How::sequence},
    Rule{"services.*.dns_opt", How::sequence},
    Rule{"services.*.dns_search", How::sequence},
    Rule{"services.*.env_file", How::sequence},
    Rule{"services.*.label_file", How::sequence},
    Rule{"services.*.tmpfs", How::sequence},
    Rule{"services.*.volumes", How::by_target},
    Rule{"services.*.devices", How::by_target},
    Rule{"services.*.secrets", How::by_target},
    Rule{"services.*.configs", How::by_target},
    Rule{"services.*.logging", How::logging},
    Rule{"networks.*.labels", How::mapping},
    Rule{"volumes.*.labels", How::mapping},
};

const Rule* rule_of(std::string_view path) {
  for (const auto& rule : rules)
    if (rule.path == path) return &rule;
  return nullptr;
}

/// Names of people's own choice are a star.
std::string below(const std::string& path, const std::string& key) {
  if (path == "services" || path == "networks" || path == "volumes") return path + ".*";
  return path.empty() ? key : path + "." + key;
}

/// What a list's item is for: of two the later one counts.
std::string target_of(const Node& item) {
  if (item.is_text()) return short_volume(item.text).target;
  for (const char* key : {"target", "source"})
    if (const auto* found = item.find(key); found && found->is_text()) return found->text;
  return yaml::canonical(item);
}

Node merge_by_target(Node base, Node over) {
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < base.items.size(); ++i) known.emplace(target_of(base.items[i]), i);
  for (auto& item : over.items) {
    auto [at, is_new] = known.emplace(target_of(item), base.items.size());
    if (is_new)
      base.items.push_back(std::move(item));
    else
      base.items[at->second] = std::move(item);
  }
  base.where = over.where;
  return base;
}

Node append(Node base, Node over) {
  std::set<std::string> known;
  for (const auto& item : base.items) known.insert(yaml::canonical(item));
  for (auto& item : over.items)
    if (known.insert(yaml::canonical(item)).second) base.items.push_back(std::move(item));
  base.where = over.where;
  return base;
}

Node names_as_map(Node node, const char* member, const char* value) {
  if (!node.is_list()) return node;
  Node map;
  map.kind = Node::Kind::map;
  map.where = node.where;
  map.tag = node.tag;
  for (auto& item : node.items) {
    Node one;
    one.where = item.where;
    if (member != nullptr) {
      Node word;
      word.kind = Node::Kind::text;
      word.text = value;
      word.where = item.where;
      one.kind = Node::Kind::map;
      one.set(member, item.where, std::move(word));
    }
    map.set(item.text, item.where, std::move(one));
  }
  return map;
}

Node build_as_map(Node node) {
  if (!node.is_text()) return node;
  Node map;
  map.kind = Node::Kind::map;
  map.where = node.where;
  map.tag = node.tag;
  auto where = node.where;
  node.tag.clear();
  map.set("context", where, std::move(node));
  return map;
}

std::string driver_of(const Node& logging) {
  const auto* driver = logging.find("driver");
  return driver && driver->is_text() ? driver->text : "";
}

Node merge(Node base, Node over, const std::string& path);

Node merge_maps(Node base, Node over, const std::string& path) {
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    auto& item = over.items[i];
    const auto& key = over.keys[i];
    if (item.tag == "!reset") {
      base.erase(key);
      continue;
    }
    auto* known = base.find(key);
    if (known == nullptr || item.tag == "!override") {
      // Its tags have had their say: a later file stands on what is left.
      item.tag.clear();
      settle_tags(item);
      base.set(key, over.key_places[i], std::move(item));
    } else {
      *known = merge(std::move(*known), std::move(item), below(path, key));
    }
  }
  return base;
}

Node merge(Node base, Node over, const std::string& path) {
  const auto* rule = rule_of(path);
  if (rule != nullptr && !over.is_nothing()) {
    switch (rule->how) {
      case How::replace:
        return over;
      case How::mapping:
        base = as_map(std::move(base));
        over = as_map(std::move(over));
        break;
      case How::hosts:
        base = as_map(std::move(base), "=:");
        over = as_map(std::move(over), "=:");
        break;
      case How::names:
        base = names_as_map(std::move(base), "condition", "service_started");
        over = names_as_map(std::move(over), "condition", "service_started");
        break;
      case How::by_network:
        base = names_as_map(std::move(base), nullptr, nullptr);
        over = names_as_map(std::move(over), nullptr, nullptr);
        break;
      case How::sequence:
        base = as_list(std::move(base));
        over = as_list(std::move(over));
        break;
      case How::by_target:
        if (base.is_list() && over.is_list()) return merge_by_target(std::move(base), std::move(over));
        break;
      case How::build:
        base = build_as_map(std::move(base));
        over = build_as_map(std::move(over));
        break;
      case How::logging:
        if (over.is_map() && !driver_of(over).empty() && driver_of(over) != driver_of(base)) return over;
        break;
    }
  }
  if (over.is_nothing() && (base.is_map() || base.is_list())) return base;
  if (base.is_map() && over.is_map()) return merge_maps(std::move(base), std::move(over), path);
  if (base.is_list() && over.is_list()) return append(std::move(base), std::move(over));
  return over;
}

}  // namespace

Node merge_files(Node base, Node over) { return merge(std::move(base), std::move(over), ""); }

Node merge_services(Node base, Node over) { return merge(std::move(base), std::move(over), "services.*"); }

void settle_tags(Node& node) {
  for (std::size_t i = node.items.size(); i-- > 0;) {
    auto& item = node.items[i];
    if (item.tag == "!reset") {
      auto at = static_cast<std::ptrdiff_t>(i);
      node.items.erase(node.items.begin() + at);
      if (!node.is_map()) continue;
      node.keys.erase(node.keys.begin() + at);
      node.key_places.erase(node.key_places.begin() + at);
    } else {
      item.tag.clear();
      settle_tags(item);
    }
  }
}

Node as_map(Node node, std::string_view signs) {
  if (!node.is_list()) return node;
  Node map;
  map.kind = Node::Kind::map;
  map.where = node.where;
  map.tag = node.tag;
  for (auto& item : node.items) {
    if (!item.is_text()) return node;  // whoever reads it tells what is wrong
    auto at = std::string::npos;
    for (char sign : signs)
      if (at == std::string::npos) at = item.text.find(sign);
    auto name = item.text.substr(0, at);
    Node value;
    value.where = item.where;
    if (at != std::string::npos) {
      value.kind = Node::Kind::text;
      value.text = item.text.substr(at + 1);
      value.quoted = true;
    }
    map.set(name, item.where, std::move(value));
  }
  return map;
}

Node as_list(Node node) {
  if (node.is_list()) return node;
  Node list;
  list.kind = Node::Kind::list;
  list.where = node.where;
  if (!node.is_nothing()) list.items.push_back(std::move(node));
  return list;
}

ShortVolume short_volume(const std::string& text) {
  auto first = text.find(':');
  if (first == text.npos) return {"", text, ""};
  auto second = text.find(':', first + 1);
  if (second == text.npos) return {text.substr(0, first), text.substr(first + 1), ""};
  return {text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

}  // namespace photon::compose
