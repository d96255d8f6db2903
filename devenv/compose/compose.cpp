#include "devenv/compose/compose.hpp"

#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::compose {
namespace {

std::set<std::string> active_profiles(const Lookup& lookup) {
  std::set<std::string> profiles;
  auto text = lookup("COMPOSE_PROFILES");
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    auto end = rest.find(',');
    if (auto name = trimmed(rest.substr(0, end)); !name.empty()) profiles.emplace(name);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return profiles;
}

bool is_active(const Service& service, const std::set<std::string>& profiles) {
  return service.profiles.empty() || profiles.contains("*") ||
         std::any_of(service.profiles.begin(), service.profiles.end(),
                     [&](const std::string& profile) { return profiles.contains(profile); });
}

}  // namespace

const Service* Project::find(std::string_view wanted) const {
  for (const auto& service : services)
    if (service.name == wanted) return &service;
  return nullptr;
}

Result<Loaded> load(const Inputs& inputs) {
  PHOTON_TRY(auto tree, read_tree(inputs));
  Loaded loaded;
  Reading reading{inputs, tree, loaded.warnings, lookup_of(inputs, tree.dotenv)};
  for (const auto& name : tree.unset)
    reading.warn({}, fmt::format("the variable {} is not set: an empty text stands for it", name),
                 fmt::format("${{{}:-default}} gives it one", name));
  PHOTON_TRY(loaded.project, read_project(reading));
  loaded.project.profiles = active_profiles(reading.lookup);
  return loaded;
}

Result<std::vector<std::string>> chosen(const Project& project, const std::string& main,
                                        const std::vector<std::string>& wanted) {
  std::set<std::string> names{main};
  std::vector<std::string_view> known;
  for (const auto& service : project.services) known.push_back(service.name);
  for (const auto& name : wanted) {
    if (project.find(name) == nullptr) {
      auto near = nearest(name, known);
      return fail(Kind::usage, "compose.reference",
                  fmt::format("\"runServices\": there is no service \"{}\"", shown(name)),
                  near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
    }
    names.insert(name);
  }
  const auto& profiles = project.profiles;
  for (const auto& service : project.services)
    if (wanted.empty() && is_active(service, profiles)) names.insert(service.name);
  // Later ones need earlier ones alone.
  std::vector<std::string> order;
  for (auto service = project.services.rbegin(); service != project.services.rend(); ++service) {
    if (!names.contains(service->name)) continue;
    for (const auto& [name, dependency] : service->depends_on)
      if (dependency.required || is_active(*project.find(name), profiles)) names.insert(name);
    order.insert(order.begin(), service->name);
  }
  return order;
}

}  // namespace photon::compose
