#include "devenv/git/submodules.hpp"

#include "devenv/core/name.hpp"
#include "devenv/git/checkout.hpp"
#include "devenv/git/url.hpp"

namespace photon::git {
namespace {

constexpr int deepest = 8;

struct Named {
  std::string name;
  std::string path;
  std::string url;
};

bool is_safe(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    auto end = std::min(path.find('/', begin), path.size());
    if (is_forbidden_name(path.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return !path.starts_with('-');
}

Result<std::vector<Named>> named_in(const std::string& file) {
  Config config;
  if (git_config_open_ondisk(Out(config), file.c_str()) < 0) return fail_git("read .gitmodules", -1);
  std::map<std::string, Named> found;
  auto collect = [](const git_config_entry* entry, void* payload) {
    std::string_view name = entry->name;
    if (!name.starts_with("submodule.")) return 0;
    auto dot = name.rfind('.');
    if (dot <= 10) return 0;
    auto& one =
        (*static_cast<std::map<std::string, Named>*>(payload))[std::string(name.substr(10, dot - 10))];
    one.name = name.substr(10, dot - 10);
    if (name.substr(dot) == ".path") one.path = entry->value;
    if (name.substr(dot) == ".url") one.url = entry->value;
    return 0;
  };
  if (git_config_foreach(config.get(), collect, &found) < 0) return fail_git("read .gitmodules", -1);
  std::vector<Named> all;
  for (auto& [name, one] : found) {
    if (one.path.empty() || one.url.empty()) continue;
    if (!is_safe(one.name) || !is_safe(one.path))
      return fail(Kind::corrupt, "git.submodule",
                  fmt::format("a submodule has the name {} or the path {}, which is not allowed",
                              shown(one.name), shown(one.path)));
    all.push_back(std::move(one));
  }
  return all;
}

/// Written to the parent's configuration, as `git submodule init` does.
Result<void> note(git_repository* repository, const Named& one, const std::string& url) {
  Config config;
  int status = git_repository_config(Out(config), repository);
  if (status >= 0)
    status =
        git_config_set_string(config.get(), fmt::format("submodule.{}.url", one.name).c_str(), url.c_str());
  if (status >= 0)
    status = git_config_set_bool(config.get(), fmt::format("submodule.{}.active", one.name).c_str(), 1);
  if (status < 0) return fail_git("write the configuration", status);
  return {};
}

}  // namespace

Result<void> add_submodules(const CloneRequest& request, const Source& parent, git_repository* repository,
                            const std::string& folder, Cloned& cloned, const Work& work, int depth) {
  Index index;
  if (git_repository_index(Out(index), repository) < 0) return fail_git("read the index", -1);
  const auto* modules = git_index_get_bypath(index.get(), ".gitmodules", 0);
  if (modules == nullptr || modules->mode == GIT_FILEMODE_LINK) return {};
  PHOTON_TRY(auto all, named_in(folder + "/.gitmodules"));
  for (const auto& one : all) {
    const auto* link = git_index_get_bypath(index.get(), one.path.c_str(), 0);
    if (link == nullptr || link->mode != GIT_FILEMODE_COMMIT) continue;
    if (depth + 1 > deepest)
      return fail(
          Kind::failed, "git.submodule",
          fmt::format("submodules of {} are nested more than {} deep", request.source.label, deepest));
    PHOTON_TRY(auto url, submodule_url(parent.url, one.url));
    Source source{.url = url,
                  .commit = hex(link->id),
                  .name = one.name,
                  .label = fmt::format("{} ({})", request.source.label, one.path)};
    auto inner = clone_into(request, source, fmt::format("{}/{}", folder, one.path), work, depth + 1);
    if (!inner)
      return within(std::move(inner.error()),
                    fmt::format("while fetching the submodule {}", shown(one.path)));
    PHOTON_CHECK(note(repository, one, url));
    for (auto& mirror : inner->mirrors)
      if (std::ranges::find(cloned.mirrors, mirror) == cloned.mirrors.end()) cloned.mirrors.push_back(mirror);
    cloned.files += inner->files;
    cloned.bytes += inner->bytes;
    cloned.used_network = cloned.used_network || inner->used_network;
  }
  return {};
}

}  // namespace photon::git
