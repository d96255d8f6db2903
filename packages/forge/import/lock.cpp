#include "packages/forge/import/lock.hpp"

#include <unistd.h>

#include <charconv>

#include "devenv/config/toml.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::forge {
namespace {

using config::Leaf;

std::string file_of(const std::string& folder) { return folder + "/lock.toml"; }

Result<void> apply(const Leaf& leaf, Locked& row) {
  auto wrong = [&](std::string what) {
    return fail_at(leaf.place, Kind::usage, "forge.lock", std::move(what),
                   "forge import --update writes it anew");
  };
  const std::string& key = leaf.path[2];
  if (leaf.type != Leaf::Type::text) return wrong("a row of the lock holds texts alone");
  if (key == "version")
    row.version = leaf.text;
  else if (key == "path")
    row.path = leaf.text;
  else if (key == "depends")
    row.depends = leaf.text;
  else if (key == "provides")
    row.provides = leaf.text;
  else if (key == "sha256") {
    if (leaf.text.size() != 64 || leaf.text.find_first_not_of("0123456789abcdef") != std::string::npos)
      return wrong("a SHA-256 has 64 digits");
    row.sha256 = leaf.text;
  } else if (key == "size") {
    auto [end, fault] = std::from_chars(leaf.text.data(), leaf.text.data() + leaf.text.size(), row.size);
    if (fault != std::errc() || end != leaf.text.data() + leaf.text.size())
      return wrong("a size is a number of bytes");
  } else {
    return wrong(fmt::format("\"{}\" is nothing that the lock may say", shown(key)));
  }
  return {};
}

}  // namespace

Result<Lock> read_lock(const std::string& folder) {
  Lock lock;
  std::string file = file_of(folder);
  if (::access(file.c_str(), F_OK) != 0) return lock;
  PHOTON_TRY(auto text, read_file(file));
  PHOTON_TRY(auto leaves, config::read_toml(text, file));
  for (const auto& leaf : leaves) {
    if (leaf.path.size() != 3)
      return fail_at(leaf.place, Kind::usage, "forge.lock", "a row is a package below its architecture",
                     "forge import --update writes it anew");
    PHOTON_CHECK(apply(leaf, lock[leaf.path[0]][leaf.path[1]]));
  }
  return lock;
}

Result<void> write_lock(const std::string& folder, const Lock& lock) {
  std::string text = "# Written by `forge import --update`: which bytes the imports are made of.\n";
  for (const auto& [arch, rows] : lock) {
    text += fmt::format("\n[{}]\n", arch);
    for (const auto& [deb, row] : rows)
      text += fmt::format(
          "{} = {{ version = {}, size = \"{}\", sha256 = \"{}\", path = {}, depends = {}, provides = {} }}\n",
          config::toml_key(deb), toml_text(row.version), row.size, row.sha256, toml_text(row.path),
          toml_text(row.depends), toml_text(row.provides));
  }
  return write_file(file_of(folder), text, 0644);
}

}  // namespace photon::forge
