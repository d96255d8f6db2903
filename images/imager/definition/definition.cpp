#include "images/imager/definition/definition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "devenv/config/toml.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;
using config::Leaf;

constexpr std::size_t deepest = 8;  // of "extends"
constexpr std::uint64_t KiB = 1024, MiB = KiB * 1024, GiB = MiB * 1024, TiB = GiB * 1024;
constexpr std::uint64_t least_root = 256 * MiB;
constexpr std::array<std::string_view, 4> format_words{"raw", "qcow2", "direct", "oci"};

tl::unexpected<Error> wrong(const Place& place, std::string message, std::string hint = {}) {
  return fail_at(place, Kind::usage, "image.definition", std::move(message), std::move(hint));
}

struct Reading {
  const std::string& text;
  Definition& into;
};

/// Where a word of a list stands: the list's own place, moved to the word.
Place place_of(const Reading& reading, const Leaf& leaf, const std::string& word) {
  auto at = reading.text.find("\"" + word + "\"", leaf.begin);
  if (at == std::string::npos || at > leaf.end) return leaf.place;
  Place place{leaf.place.file, 1, 1};
  for (std::size_t i = 0; i < at; ++i) {
    place.column = reading.text[i] == '\n' ? 1 : place.column + 1;
    if (reading.text[i] == '\n') ++place.line;
  }
  return place;
}

using Take = Result<void> (*)(const Reading&, const Leaf&);

Result<void> needs(const Leaf& leaf, Leaf::Type type, std::string_view what) {
  if (leaf.type == type) return {};
  return wrong(leaf.place, fmt::format("\"{}\" must be {}", leaf.path.back(), what));
}

template <auto Member>
Result<void> take_text(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::text, "a text in quotes"));
  reading.into.*Member = leaf.text;
  return {};
}
template <auto Member>
Result<void> take_flag(const Reading& reading, const Leaf& leaf) {
  auto value = reading.text.substr(leaf.begin, leaf.end - leaf.begin);
  if (leaf.type != Leaf::Type::other || (value != "true" && value != "false"))
    return wrong(leaf.place, fmt::format("\"{}\" must be true or false", leaf.path.back()));
  reading.into.*Member = value == "true";
  return {};
}
template <auto Member>
Result<void> take_size(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::text, "a size in quotes"));
  auto size = size_from(leaf.text);
  if (!size)
    return wrong(leaf.place, fmt::format("\"{}\" is not a size", shown(leaf.text)),
                 "a number with MiB, GiB or TiB, as in \"64 MiB\"");
  reading.into.*Member = {*size, leaf.place};
  return {};
}
void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const auto& one : more)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}
template <auto Member>
Result<void> take_list(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::list, "a list of texts"));
  append(reading.into.*Member, leaf.list);
  return {};
}
Result<void> take_packages(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::list, "a list of package names"));
  for (const auto& name : leaf.list) {
    Named named{name, place_of(reading, leaf, name)};
    if (name.find_first_not_of(' ') == std::string::npos)
      return wrong(named.place, "a package without a name", "packages = [\"bash\"]");
    auto& list = reading.into.packages;
    if (std::find(list.begin(), list.end(), named) == list.end()) list.push_back(std::move(named));
  }
  return {};
}
Result<void> take_formats(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::list, "a list of formats"));
  reading.into.formats.clear();  // what a child says stands alone: a base's formats are not its own
  for (const auto& word : leaf.list) {
    auto format = format_from(word);
    if (!format) return wrong(place_of(reading, leaf, word), format.error().message, format.error().hint);
    reading.into.formats.push_back(*format);
  }
  return {};
}
template <auto Member>
Result<void> take_container_text(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::text, "a text in quotes"));
  reading.into.container.*Member = leaf.text;
  return {};
}
template <auto Member>
Result<void> take_settings(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::list, "a list of texts"));
  for (const auto& one : leaf.list)
    if (auto at = one.find('='); at == std::string::npos || at == 0)
      return wrong(place_of(reading, leaf, one),
                   fmt::format("\"{}\" in \"{}\" has no name and value", shown(one), leaf.path.back()),
                   "as in \"NAME=value\"");
  append(reading.into.container.*Member, leaf.list);
  return {};
}
Result<void> take_command(const Reading& reading, const Leaf& leaf) {
  PHOTON_CHECK(needs(leaf, Leaf::Type::list, "a list of texts"));
  reading.into.container.command = leaf.list;
  return {};
}
Result<void> take_nothing(const Reading&, const Leaf& leaf) {  // "extends", which has been followed
  return needs(leaf, Leaf::Type::text, "the name of an image, in quotes");
}

struct Key {
  std::string_view name;
  Take take;
};
constexpr std::array keys{
    Key{"extends", take_nothing},
    Key{"summary", take_text<&Definition::summary>},
    Key{"packages", take_packages},
    Key{"exclude", take_list<&Definition::exclude>},
    Key{"recommends", take_flag<&Definition::recommends>},
    Key{"documentation", take_flag<&Definition::documentation>},
    Key{"languages", take_list<&Definition::languages>},
    Key{"formats", take_formats},
    Key{"disk.size", take_size<&Definition::disk_size>},
    Key{"disk.esp", take_size<&Definition::esp_size>},
    Key{"boot.command_line", take_list<&Definition::command_line>},
    Key{"container.user", take_container_text<&Container::user>},
    Key{"container.directory", take_container_text<&Container::directory>},
    Key{"container.command", take_command},
    Key{"container.environment", take_settings<&Container::environment>},
    Key{"container.labels", take_settings<&Container::labels>},
};

std::string dotted(const std::vector<std::string>& path) {
  std::string out;
  for (const auto& part : path) out += (out.empty() ? "" : ".") + part;
  return out;
}

Result<void> take(const Reading& reading, const Leaf& leaf) {
  if (leaf.type == Leaf::Type::empty_table) return {};
  auto name = dotted(leaf.path);
  auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.name == name; });
  if (key != keys.end()) return key->take(reading, leaf);
  std::array<std::string_view, keys.size()> names;
  std::transform(keys.begin(), keys.end(), names.begin(), [](const Key& one) { return one.name; });
  auto meant = nearest(name, names);
  return wrong(
      leaf.place, fmt::format("an image has no \"{}\"", shown(name)),
      meant.empty() ? "docs/images.md lists what it has" : fmt::format("did you mean \"{}\"?", meant));
}

bool plain_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !name.empty() && name.find_first_not_of(allowed) == name.npos;
}

Result<void> read_into(Definition& into, const std::string& folder, const std::string& name,
                       const Place* asked, std::vector<std::string>& seen) {
  auto file = folder + "/" + name + ".toml";
  std::error_code error;
  if (!plain_name(name) || !fs::exists(file, error)) {
    auto all = definitions(folder).value_or(std::vector<std::string>());
    std::vector<std::string_view> views(all.begin(), all.end());
    auto meant = nearest(name, views);
    auto hint = meant.empty() ? fmt::format("there are {}", fmt::join(all, ", "))
                              : fmt::format("did you mean {}?", meant);
    if (all.empty()) hint = "it has no file NAME.toml; --definitions DIR names another folder";
    auto message = fmt::format("there is no image \"{}\" in {}", shown(name), folder);
    if (asked) return wrong(*asked, std::move(message), std::move(hint));
    return fail(Kind::not_found, "image.unknown", std::move(message), std::move(hint));
  }
  if (std::find(seen.begin(), seen.end(), name) != seen.end())
    return wrong(*asked, fmt::format("\"{}\" extends itself: {} -> {}", name, fmt::join(seen, " -> "), name),
                 "an image extends a simpler one");
  if (seen.size() >= deepest)
    return wrong(*asked, fmt::format("more than {} definitions extend each other", deepest),
                 "put what they share into one");
  seen.push_back(name);
  PHOTON_TRY(auto text, read_file(file, 1 << 20));
  return read_text(into, text, file, [&](const std::string& base, const Place& place) {
    return read_into(into, folder, base, &place, seen);
  });
}

/// How people write it, for messages.
std::string in_words(std::uint64_t bytes) {
  if (bytes % TiB == 0) return fmt::format("{} TiB", bytes / TiB);
  if (bytes % GiB == 0) return fmt::format("{} GiB", bytes / GiB);
  return fmt::format("{} MiB", bytes / MiB);
}

Result<void> check_size(const Definition& it, const Size& size, std::string_view key, std::uint64_t least,
                        std::uint64_t most, std::string_view example) {
  if (size.bytes >= least && size.bytes <= most) return {};
  auto hint = fmt::format("{} = \"{}\"; or --format oci", key, example);
  if (size.bytes == 0)
    return wrong(it.place, fmt::format("an image with a disk needs a {} below [disk]", key), hint);
  return wrong(size.place,
               fmt::format("{} is {}, and can be from {} to {}", key, in_words(size.bytes), in_words(least),
                           in_words(most)),
               hint);
}

}  // namespace

Result<void> read_text(Definition& into, const std::string& text, const std::string& file,
                       const Extend& extend) {
  PHOTON_TRY(auto leaves, config::read_toml(text, file));
  for (const auto& leaf : leaves)
    if (leaf.path.size() == 1 && leaf.path[0] == "extends" && leaf.type == Leaf::Type::text)
      PHOTON_CHECK(extend(leaf.text, leaf.place));
  Reading reading{text, into};
  for (const auto& leaf : leaves) PHOTON_CHECK(take(reading, leaf));
  return {};
}

Result<void> check_formats(const Definition& it, const std::vector<Format>& formats) {
  if (std::all_of(formats.begin(), formats.end(), [](Format f) { return f == Format::oci; })) return {};
  PHOTON_CHECK(check_size(it, it.disk_size, "size", 512 * MiB, 64 * TiB, "8 GiB"));
  PHOTON_CHECK(check_size(it, it.esp_size, "esp", 33 * MiB, 4 * GiB, "64 MiB"));
  if (it.esp_size.bytes + least_root > it.disk_size.bytes)
    return wrong(it.esp_size.place,
                 fmt::format("an esp of {} leaves less than {} of a disk of {}", in_words(it.esp_size.bytes),
                             in_words(least_root), in_words(it.disk_size.bytes)),
                 "a smaller esp, or a larger size");
  return {};
}

std::string_view word_of(Format format) { return format_words[static_cast<std::size_t>(format)]; }
std::string_view all_formats() { return "raw qcow2 direct oci"; }

Result<Format> format_from(std::string_view word) {
  for (std::size_t i = 0; i < format_words.size(); ++i)
    if (format_words[i] == word) return static_cast<Format>(i);
  auto meant = nearest(word, format_words);
  return fail(
      Kind::usage, "image.format", fmt::format("there is no format \"{}\"", shown(std::string(word))),
      meant.empty() ? fmt::format("there are {}", all_formats()) : fmt::format("did you mean {}?", meant));
}

std::optional<std::uint64_t> size_from(std::string_view text) {
  std::uint64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  if (read.ec != std::errc() || number == 0 || number > 1 << 20) return std::nullopt;
  for (auto [word, bytes] : {std::pair(" MiB", MiB), std::pair(" GiB", GiB), std::pair(" TiB", TiB)})
    if (unit == word) return number * bytes;
  return std::nullopt;
}

Result<std::vector<std::string>> definitions(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem());
  if (error)
    return fail(Kind::not_found, "image.folder", fmt::format("{}: {}", folder, error.message()),
                "cd into a checkout, or say --definitions DIR");
  std::sort(names.begin(), names.end());
  return names;
}

Result<Definition> read_definition(const std::string& folder, const std::string& name) {
  Definition out;
  std::vector<std::string> seen;
  PHOTON_CHECK(read_into(out, folder, name, nullptr, seen));
  out.name = name;
  out.place = {folder + "/" + name + ".toml", 1, 1};
  if (out.packages.empty()) return wrong(out.place, "no packages: an image of nothing", "packages = [\"…\"]");
  if (out.formats.empty()) return wrong(out.place, "no formats", fmt::format("of {}", all_formats()));
  PHOTON_CHECK(check_formats(out, out.formats));
  return out;
}

}  // namespace photon::images
