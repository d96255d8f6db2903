#include "packages/forge/build/key.hpp"

#include <algorithm>
#include <map>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::forge {
namespace {

/// Another number builds everything anew: raise it when the builder makes other bytes of the same input.
constexpr std::string_view builder = "forge 1";
constexpr std::size_t most_text = 64 << 20;

/// What a line of `why` compares: packages by name and whether their version or their bytes differ.
std::string subject_of(const std::string& name) {
  for (std::string_view kind : {"build root ", "sysroot "})
    if (name.starts_with(kind)) return std::string(kind) + name_of(name.substr(kind.size()));
  return name;
}

}  // namespace

Result<std::vector<Input>> ingredients_of(const Recipe& recipe, const std::string& arch,
                                          const std::string& macros,
                                          const std::map<std::string, std::string>& trees, const Root& root) {
  std::vector<Input> list{{"builder", sha256_hex(builder)}, {"architecture " + arch, sha256_hex(arch)}};
  list.push_back({"macros", macros});
  list.push_back({"recipe", recipe.digest});
  PHOTON_TRY(auto spec, read_file(recipe.spec, most_text));
  list.push_back({"spec", sha256_hex(spec)});
  for (const auto& file : recipe.files) {
    PHOTON_TRY(auto bytes, read_file(recipe.folder + "/" + file, most_text));
    list.push_back({"file " + file, sha256_hex(bytes)});
  }
  for (const auto& source : recipe.sources) {
    auto tree = trees.find(source.tree);
    list.push_back({"source " + source.file, tree == trees.end() ? source.sha256 : tree->second});
  }
  for (const auto& package : root.native) list.push_back({"build root " + package.nevra, package.sha256});
  for (const auto& package : root.sysroot) list.push_back({"sysroot " + package.nevra, package.sha256});
  return list;
}

std::string key_of(const std::vector<Input>& ingredients) {
  std::vector<std::string> lines;
  for (const auto& input : ingredients) lines.push_back(input.name + "\t" + input.sha256 + "\n");
  std::sort(lines.begin(), lines.end());
  Sha256 sum;
  for (const auto& line : lines) sum.update(line);
  return sum.hex();
}

std::vector<std::string> changes(const std::vector<Input>& before, const std::vector<Input>& now) {
  std::map<std::string, const Input*> old;
  for (const auto& input : before) old[subject_of(input.name)] = &input;
  std::vector<std::string> lines;
  bool part = false;  // "recipe" is the sum of spec, files and macros: named only when they do not tell
  for (const auto& input : now) {
    auto subject = subject_of(input.name);
    auto found = old.find(subject);
    if (found == old.end()) {
      lines.push_back(input.name + " is new");
    } else if (found->second->sha256 != input.sha256) {
      if (found->second->name != input.name)
        lines.push_back(found->second->name + " → " + input.name.substr(input.name.rfind(' ') + 1));
      else if (input.name.starts_with("build root ") || input.name.starts_with("sysroot "))
        lines.push_back(input.name + " has other bytes");
      else if (input.name != "recipe")
        lines.push_back(input.name + " has changed");
      part = part || input.name == "recipe";
    }
    if (found != old.end()) old.erase(found);
  }
  for (const auto& [subject, input] : old) lines.push_back(input->name + " is gone");
  if (lines.empty() && part) lines.push_back("the recipe reads differently");
  return lines;
}

}  // namespace photon::forge
