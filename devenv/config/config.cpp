#include "devenv/config/config.hpp"

#include <unistd.h>

#include <array>
#include <charconv>

#include "devenv/config/toml.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/core/text.hpp"

namespace photon::config {
namespace {

using Words = std::span<const std::string_view>;
constexpr std::array<std::string_view, 3> uses{"auto", "use", "never"};
constexpr std::array<std::string_view, 5> programs{"", "code", "jetbrains", "zed", "browser"};
constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> runtimes{"", "crun", "runc"};

/// Empty: good. Else what the value must be.
using Check = std::string_view (*)(const std::string& text);

std::string_view any(const std::string&) { return {}; }
std::string_view not_empty(const std::string& text) { return text.empty() ? "not empty" : ""; }
std::string_view absolute(const std::string& text) { return text.starts_with('/') ? "" : "an absolute path"; }
std::string_view absolute_or_empty(const std::string& text) {
  return text.empty() || text[0] == '/' ? "" : "an absolute path, or empty";
}
std::string_view address(const std::string& text) {
  if (text.empty()) return {};
  auto colon = text.rfind(':');
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const char* begin = colon == text.npos ? end : text.data() + colon + 1;
  auto read = std::from_chars(begin, end, port);
  bool good = colon != text.npos && colon > 0 && read.ec == std::errc() && read.ptr == end && port <= 65535;
  return good ? "" : "ADDRESS:PORT, for example 127.0.0.1:2222, or empty";
}

std::string_view public_key(const std::string& text) {
  // Algorithm and base64, as in authorized_keys, but without options before them.
  auto blank = text.find(' ');
  bool good = blank != text.npos && text.find("AAAA") == blank + 1 && text.find('\n') == text.npos;
  return good ? "" : "public keys, as in ~/.ssh/id_ed25519.pub";
}

/// One line a setting; exactly one of the three accessors is there.
struct Known {
  std::string_view key;
  std::string_view doc;
  std::string& (*text)(Config&) = nullptr;
  std::vector<std::string>& (*list)(Config&) = nullptr;
  std::map<std::string, std::vector<std::string>>& (*map)(Config&) = nullptr;
  Words words{};
  Check check = any;  ///< of a text, or of each one of a list
  bool daemon = true;
};

#define PHOTON_MEMBER(path) [](Config& c) -> auto& { return c.path; }
const std::array settings{
    Known{.key = "default_image",
          .doc = "image of environments without a devcontainer.json",
          .text = PHOTON_MEMBER(default_image),
          .check = not_empty},
    Known{.key = "ssh.listen",
          .doc = "address and port for SSH clients that know no ProxyCommand; empty: none",
          .text = PHOTON_MEMBER(ssh.listen),
          .check = address},
    Known{.key = "ssh.authorized_keys",
          .doc = "public keys that may enter every environment, beside those that its owner had at up",
          .list = PHOTON_MEMBER(ssh.authorized_keys),
          .check = public_key},
    Known{.key = "registries.plain_http",
          .doc = "registries that are reached without TLS; those on loopback always are",
          .list = PHOTON_MEMBER(registries.plain_http),
          .check = not_empty},
    Known{.key = "registries.mirrors",
          .doc = "hosts that are asked before the registry HOST",
          .map = PHOTON_MEMBER(registries.mirrors)},
    Known{.key = "registries.ca_file",
          .doc = "certificates to trust beside the system's, in PEM; empty: none",
          .text = PHOTON_MEMBER(registries.ca_file),
          .check = absolute_or_empty},
    Known{.key = "containerd.system",
          .doc = "the machine's containerd: auto (where it answers), use (or fail), never (one of our own)",
          .text = PHOTON_MEMBER(containerd.system),
          .words = uses},
    Known{.key = "containerd.socket",
          .doc = "socket of the machine's containerd",
          .text = PHOTON_MEMBER(containerd.socket),
          .check = absolute},
    Known{.key = "containerd.runtime",
          .doc = "OCI runtime, crun or runc; empty: crun where it works",
          .text = PHOTON_MEMBER(containerd.runtime),
          .words = runtimes},
    Known{.key = "log.level",
          .doc = "least level that the daemon logs: debug, info, warning or error",
          .text = PHOTON_MEMBER(log.level),
          .words = levels},
    Known{.key = "open.with",
          .doc = "what devenv open starts: code, jetbrains, zed or browser; empty: the first that is there",
          .text = PHOTON_MEMBER(open.with),
          .words = programs,
          .daemon = false},
};
#undef PHOTON_MEMBER

std::string joined(const std::vector<std::string>& path) { return fmt::format("{}", fmt::join(path, ".")); }

/// The setting of a path; a map's takes one more name.
const Known* find(const std::vector<std::string>& path) {
  for (const auto& known : settings) {
    if (!known.map && joined(path) == known.key) return &known;
    if (!known.map || path.size() < 2) continue;
    auto table = std::vector(path.begin(), path.begin() + 2);
    if (joined(table) == known.key) return &known;
  }
  return nullptr;
}

tl::unexpected<Error> unknown(const std::string& key) {
  std::vector<std::string_view> names;
  for (const auto& known : settings) names.push_back(known.key);
  auto near = nearest(key, names);
  return fail(Kind::usage, "config.unknown", fmt::format("unknown setting \"{}\"", shown(key)),
              near.empty() ? "devenv config shows them all" : fmt::format("did you mean \"{}\"?", near));
}

tl::unexpected<Error> unknown_at(const Place& place, const std::string& key) {
  auto error = unknown(key).value();
  error.where = place;
  return tl::unexpected(std::move(error));
}

tl::unexpected<Error> wrong(const Place& place, std::string_view key, std::string_view expected) {
  return fail_at(place, Kind::usage, "config.value", fmt::format("\"{}\" must be {}", key, expected),
                 "devenv config shows its default and what it is for");
}

Result<void> apply_text(const Known& known, const Leaf& leaf, Config& config) {
  if (leaf.type != Leaf::Type::text) return wrong(leaf.place, known.key, "a text in quotes");
  if (!known.words.empty() &&
      std::find(known.words.begin(), known.words.end(), leaf.text) == known.words.end())
    return wrong(leaf.place, known.key, fmt::format("one of \"{}\"", fmt::join(known.words, "\", \"")));
  if (auto expected = known.check(leaf.text); !expected.empty())
    return wrong(leaf.place, known.key, expected);
  known.text(config) = leaf.text;
  return {};
}

Result<void> apply(const Leaf& leaf, Config& config) {
  const auto* known = find(leaf.path);
  if (leaf.type == Leaf::Type::empty_table) {
    // A table of ours may be empty; one that no setting begins with is a slip.
    auto prefix = joined(leaf.path);
    bool ours = std::any_of(settings.begin(), settings.end(), [&](const Known& one) {
      return one.key.starts_with(prefix + ".") || (one.map && one.key == prefix);
    });
    if (ours) return {};
  }
  if (!known) return unknown_at(leaf.place, joined(leaf.path));
  if (known->text) return apply_text(*known, leaf, config);
  if (known->list) {
    if (leaf.type != Leaf::Type::list) return wrong(leaf.place, known->key, "a list of texts");
    for (const auto& item : leaf.list)
      if (auto expected = known->check(item); !expected.empty())
        return wrong(leaf.place, known->key, expected);
    known->list(config) = leaf.list;
    return {};
  }
  bool one = leaf.type == Leaf::Type::text;
  if (leaf.path.size() != 3 || (!one && leaf.type != Leaf::Type::list))
    return wrong(leaf.place, known->key,
                 "a table of hosts: \"registry.example.org\" = [\"mirror.example.org\"]");
  known->map(config)[leaf.path[2]] = one ? std::vector{leaf.text} : leaf.list;
  return {};
}

std::string toml_list(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + toml_text(item);
  return out + "]";
}

std::vector<std::string> value_of(const Known& known, Config& config) {
  if (known.list) return known.list(config);
  return {known.text(config)};
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(',', at), text.size());
    auto word = text.substr(at, end - at);
    word.erase(0, word.find_first_not_of(" \t"));
    word.erase(word.find_last_not_of(" \t") + 1);
    if (!word.empty()) words.push_back(std::move(word));
    at = end + 1;
  }
  return words;
}

/// "ssh.listen" cut at dots; the host of a mirror keeps its own.
std::vector<std::string> path_of(const std::string& key) {
  constexpr std::string_view mirrors = "registries.mirrors.";
  if (key.starts_with(mirrors) && key.size() > mirrors.size())
    return {"registries", "mirrors", key.substr(mirrors.size())};
  std::vector<std::string> path;
  for (std::size_t at = 0; at <= key.size();) {
    auto end = std::min(key.find('.', at), key.size());
    path.push_back(key.substr(at, end - at));
    at = end + 1;
  }
  return path;
}

/// The file's text with `assignment` added to its table: behind the header, or in a new table at the end.
std::string with_line(const std::string& text, const std::vector<std::string>& path,
                      const std::string& value) {
  auto line = fmt::format("{} = {}\n", toml_key(path.back()), value);
  // Before everything: what stands first belongs to no table.
  if (path.size() == 1) return line + text;
  auto header = fmt::format("[{}]", joined({path.begin(), path.end() - 1}));
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto written = std::string_view(text).substr(at, end - at);
    auto tail = written.starts_with(header) ? written.substr(header.size()) : std::string_view("x");
    if (auto rest = tail.find_first_not_of(" \t\r"); rest == tail.npos || tail[rest] == '#') {
      auto before = text.substr(0, end) + "\n";
      return before + line + text.substr(std::min(end + 1, text.size()));
    }
    at = end + 1;
  }
  auto gap = text.empty() ? "" : text.ends_with('\n') ? "\n" : "\n\n";
  return fmt::format("{}{}{}\n{}", text, gap, header, line);
}

Result<std::string> read_if_there(const std::string& path) {
  auto text = read_file(path, 1 << 20);
  if (!text && text.error().kind == Kind::not_found) return std::string();
  return text;
}

/// What `text` says, over what is there already.
Result<void> read_into(Loaded& loaded, const std::string& text, const std::string& file) {
  PHOTON_TRY(auto leaves, read_toml(text, file));
  for (const auto& leaf : leaves) {
    PHOTON_CHECK(apply(leaf, loaded.config));
    if (leaf.type != Leaf::Type::empty_table) loaded.places[joined(leaf.path)] = leaf.place;
  }
  return {};
}

}  // namespace

Result<Loaded> parse(const std::string& text, const std::string& file) {
  Loaded loaded;
  PHOTON_CHECK(read_into(loaded, text, file));
  return loaded;
}

Result<Loaded> load(const std::vector<std::string>& files) {
  Loaded loaded;
  for (const auto& file : files) {
    PHOTON_TRY(auto text, read_if_there(file));
    PHOTON_CHECK(read_into(loaded, text, file));
  }
  return loaded;
}

Result<std::vector<std::string>> files(bool system) {
  PHOTON_TRY(auto machine, find_paths(true));
  std::vector<std::string> found{machine.config + "/config.toml"};
  if (system) return found;
  // What the administrator keeps to himself says nothing to us.
  if (::access(found[0].c_str(), R_OK) != 0 && errno == EACCES) found.clear();
  PHOTON_TRY(auto own, find_paths(false));
  auto mine = own.config + "/config.toml";
  if (found.empty() || found[0] != mine) found.push_back(std::move(mine));
  return found;
}

std::vector<Setting> describe(const Loaded& loaded) {
  std::vector<Setting> all;
  Config mine = loaded.config, otherwise;
  auto from = [&](const std::string& key) -> std::optional<Place> {
    auto at = loaded.places.find(key);
    return at == loaded.places.end() ? std::nullopt : std::optional(at->second);
  };
  for (const auto& known : settings) {
    Setting one{.key = std::string(known.key), .doc = std::string(known.doc), .daemon = known.daemon};
    one.list = !known.text;
    if (!known.map) {
      one.value = value_of(known, mine);
      one.otherwise = value_of(known, otherwise);
      one.from = from(one.key);
      all.push_back(std::move(one));
      continue;
    }
    auto key = std::exchange(one.key, one.key + ".HOST");
    if (known.map(mine).empty()) all.push_back(one);
    for (const auto& [host, mirrors] : known.map(mine)) {
      one.key = key + "." + host;
      one.value = mirrors;
      one.from = from(one.key);
      all.push_back(one);
    }
  }
  return all;
}

Result<Setting> find(const Loaded& loaded, const std::string& key) {
  auto names = path_of(key);
  const auto* known = find(names);
  if (!known || (known->map && names.size() != 3)) return unknown(key);
  for (auto& setting : describe(loaded))
    if (setting.key == key) return std::move(setting);
  return Setting{.key = key, .doc = std::string(known->doc), .list = true};  // a host without mirrors
}

std::string as_toml(const Setting& setting) {
  return setting.list ? toml_list(setting.value) : toml_text(setting.value.at(0));
}

Result<void> set(const std::string& file, const std::string& key, const std::string& value) {
  auto names = path_of(key);
  const auto* known = find(names);
  if (!known || (known->map && names.size() != 3)) return unknown(key);
  auto written = known->text ? toml_text(value) : toml_list(words_of(value));
  PHOTON_TRY(auto text, read_if_there(file));
  PHOTON_TRY(auto leaves, read_toml(text, file));
  auto there =
      std::find_if(leaves.begin(), leaves.end(), [&](const Leaf& leaf) { return leaf.path == names; });
  auto next = there == leaves.end() ? with_line(text, names, written)
                                    : text.substr(0, there->begin) + written + text.substr(there->end);
  auto checked = parse(next, file);
  // What is wrong is the value that was given, unless the file was wrong before.
  if (!checked && parse(text, file)) checked.error().where.reset();
  PHOTON_CHECK(std::move(checked));
  PHOTON_CHECK(make_directories(std::filesystem::path(file).parent_path().string()));
  return write_file(file, next, 0644);
}

}  // namespace photon::config
