#include "packages/forge/publish/select.hpp"

#include <map>
#include <set>

namespace photon::forge {
namespace {

/// The greater one stays; equal ones of two recipes are a conflict.
int rank(const Chosen& chosen, const std::string& arch) {
  return (chosen.built->origin == Origin::source ? 2 : 0) + (chosen.built->arch == arch ? 1 : 0);
}

}  // namespace

Result<FileName> parse_file_name(const std::string& file) {
  auto bad = [&] {
    return fail(Kind::corrupt, "publish.name", fmt::format("{:?} is not the name of an RPM", file));
  };
  if (!file.ends_with(".rpm") || file.find('/') != std::string::npos || file.front() == '.') return bad();
  auto stem = file.substr(0, file.size() - 4);
  auto dot = stem.rfind('.');
  if (dot == std::string::npos) return bad();
  auto release = stem.rfind('-', dot);
  if (release == std::string::npos || release == 0) return bad();
  auto version = stem.rfind('-', release - 1);
  if (version == std::string::npos || version == 0) return bad();
  return FileName{stem.substr(0, version), stem.substr(version + 1, release - version - 1),
                  stem.substr(release + 1, dot - release - 1), stem.substr(dot + 1)};
}

Result<std::vector<Chosen>> choose(const std::vector<Built>& packages, const std::string& arch) {
  // An import that is built from source goes with its manuals and translations: they are another version's.
  std::set<std::string> from_source;
  for (const auto& built : packages)
    for (const auto& file : built.outputs)
      if (built.origin == Origin::source) {
        PHOTON_TRY(auto name, parse_file_name(file.name));
        if (name.arch == arch || name.arch == "noarch") from_source.insert(name.name);
      }
  std::map<std::string, Chosen> by_name;
  for (const auto& built : packages)
    for (const auto& file : built.outputs) {
      if (built.origin == Origin::import && from_source.contains(built.recipe)) continue;
      PHOTON_TRY(auto name, parse_file_name(file.name));
      std::string_view of = name.arch;
      if (of != std::string_view(arch) && of != "noarch") continue;
      Chosen chosen{name.name, name.arch, file, &built};
      auto [at, added] = by_name.try_emplace(name.name, chosen);
      if (added || at->second.file.sha256 == file.sha256) continue;
      int here = rank(at->second, arch), ours = rank(chosen, arch);
      // Architectures of one recipe build their own noarch; of two recipes that would hide one.
      if (here / 2 == ours / 2 && (here == ours || at->second.built->recipe != built.recipe))
        return fail(Kind::conflict, "publish.twice",
                    fmt::format("both {} and {} make a package {}", at->second.built->recipe, built.recipe,
                                name.name),
                    "rename one of them, or drop the recipe that is not wanted");
      if (ours > here) at->second = chosen;
    }
  std::vector<Chosen> result;
  for (auto& [name, chosen] : by_name) result.push_back(std::move(chosen));
  return result;
}

}  // namespace photon::forge
