#include "devenv/compose/files.hpp"

#include <array>
#include <filesystem>

#include "devenv/compose/interpolate.hpp"
#include "devenv/compose/merge.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::compose {
namespace {

namespace fs = std::filesystem;
using yaml::Node;

constexpr std::size_t most_files = 64;
/// What services may grow to by extending each other.
constexpr std::size_t most_extended = 5 * yaml::most_nodes;

/// Compose's own rule: what no name may have is left out.
std::string project_name(std::string_view text) {
  std::string name;
  for (char c : text) {
    char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '-' || lower == '_')
      name += lower;
  }
  return name;
}

class Files {
 public:
  explicit Files(const Inputs& inputs) : inputs_(inputs) {}

  Result<Tree> all() {
    tree_.folder = fs::path(inputs_.files.front()).parent_path().string();
    PHOTON_TRY(tree_.dotenv, dotenv_of(tree_.folder));
    lookup_ = [this, base = lookup_of(inputs_, tree_.dotenv)](
                  const std::string& name) -> std::optional<std::string> {
      if (name == "COMPOSE_PROJECT_NAME" && !tree_.name.empty()) return tree_.name;
      return base(name);
    };
    std::vector<Node> roots;
    for (const auto& path : inputs_.files) {
      PHOTON_TRY(auto root, parsed(path, tree_.folder, {}));
      roots.push_back(std::move(root));
    }
    PHOTON_CHECK(settle_name(roots));
    for (std::size_t i = 0; i < roots.size(); ++i) {
      PHOTON_CHECK(interpolate(roots[i], lookup_, tree_.unset));
      PHOTON_CHECK(extend_all(roots[i]));
      if (i == 0) settle_tags(roots[i]);
      tree_.root = i == 0 ? std::move(roots[i]) : merge_files(std::move(tree_.root), std::move(roots[i]));
    }
    settle_tags(tree_.root);
    return std::move(tree_);
  }

 private:
  Result<Variables> dotenv_of(const std::string& folder) {
    auto path = folder + "/.env";
    if (!is_within(path, inputs_.repository)) return Variables{};
    PHOTON_TRY(auto text, inputs_.read(path));
    if (!text) return Variables{};
    return read_variables(*text, shown_path(path, inputs_), lookup_of(inputs_, {}));
  }

  Result<Node> parsed(const std::string& path, const std::string& folder, const std::optional<Place>& by) {
    Place where = by.value_or(Place{});
    if (++read_ > most_files)
      return fail_at(where, Kind::usage, "compose.files", fmt::format("more than {} files", most_files));
    PHOTON_TRY(auto text, read_named(path, "the compose file", where, inputs_));
    auto shown_name = shown_path(path, inputs_);
    PHOTON_TRY(auto root, yaml::parse(text, shown_name));
    tree_.folders.emplace(shown_name, folder);
    if (root.is_nothing()) root.kind = Node::Kind::map;  // remarks alone
    if (!root.is_map())
      return fail_at(root.where, Kind::usage, "compose.type", "a compose file holds a map",
                     "its members are services, volumes, networks, …");
    return root;
  }

  /// COMPOSE_PROJECT_NAME, the same in .env, "name", or the folder's.
  Result<void> settle_name(const std::vector<Node>& roots) {
    if (auto name = lookup_("COMPOSE_PROJECT_NAME"); name) tree_.name = project_name(*name);
    if (tree_.name.empty() && tree_.folder != inputs_.local_folder) {
      PHOTON_TRY(auto other, dotenv_of(inputs_.local_folder));
      if (const auto* name = find_variable(other, "COMPOSE_PROJECT_NAME")) tree_.name = project_name(*name);
    }
    for (auto root = roots.rbegin(); root != roots.rend() && tree_.name.empty(); ++root) {
      const auto* name = root->find("name");
      if (name == nullptr || !name->is_text()) continue;
      PHOTON_TRY(auto text, interpolate(name->text, lookup_, name->where, tree_.unset));
      tree_.name = project_name(text);
      if (tree_.name.empty() && !text.empty())
        return fail_at(name->where, Kind::usage, "compose.name",
                       fmt::format("\"{}\" cannot name a project", shown(text)),
                       "a-z, 0-9, - and _, for example name: web");
    }
    if (!tree_.name.empty()) return {};
    fs::path folder(tree_.folder);
    if (folder.filename() == ".devcontainer")
      tree_.name = project_name(folder.parent_path().filename().string()) + "_devcontainer";
    else
      tree_.name = project_name(folder.filename().string());
    if (tree_.name.empty()) tree_.name = "project";
    return {};
  }

  Result<void> extend_all(Node& root) {
    auto* services = root.find("services");
    if (services == nullptr || !services->is_map()) return {};
    for (std::size_t i = 0; i < services->keys.size(); ++i) {
      std::vector<std::string> way;
      PHOTON_CHECK(extend(*services, i, way));
    }
    return {};
  }

  /// The service of that number gets what it extends below it.
  Result<void> extend(Node& services, std::size_t number, std::vector<std::string>& way) {
    const auto* extends = services.items[number].find("extends");
    if (extends == nullptr || extends->is_nothing()) return {};
    const Place where = extends->where;
    const auto* service = extends->is_map() ? extends->find("service") : extends;
    const auto* file = extends->is_map() ? extends->find("file") : nullptr;
    if (service == nullptr || !service->is_text() || (file != nullptr && !file->is_text()))
      return fail_at(where, Kind::usage, "compose.type", "\"extends\" names a service",
                     "extends: NAME, or extends: {service: NAME, file: OTHER.yml}");
    auto step = fmt::format("{}:{}", where.file, services.keys[number]);
    if (std::find(way.begin(), way.end(), step) != way.end())
      return fail_at(where, Kind::usage, "compose.extends",
                     fmt::format("the service \"{}\" extends itself", shown(services.keys[number])),
                     fmt::format("{} → {}", fmt::join(way, " → "), step));
    way.push_back(std::move(step));
    Node base;
    if (file != nullptr) {
      PHOTON_TRY(base, from_file(*file, *service, where, way));
    } else {
      PHOTON_TRY(base, from_here(services, *service, way));
    }
    base.erase("extends");
    settle_tags(base);
    auto own = std::move(services.items[number]);
    own.erase("extends");
    services.items[number] = merge_services(std::move(base), std::move(own));
    extended_ += yaml::count(services.items[number]);
    if (extended_ <= most_extended) return {};
    return fail_at(where, Kind::usage, "compose.extends",
                   fmt::format("services that extend others hold more than {} values", most_extended),
                   "extend less");
  }

  Result<Node> from_here(Node& services, const Node& name, std::vector<std::string>& way) {
    for (std::size_t i = 0; i < services.keys.size(); ++i)
      if (services.keys[i] == name.text) {
        PHOTON_CHECK(extend(services, i, way));
        return services.items[i];
      }
    const auto* before = tree_.root.find("services");
    if (const auto* known = before ? before->find(name.text) : nullptr) return *known;
    return no_service(services, name);
  }

  Result<Node> from_file(const Node& file, const Node& name, const Place& where,
                         std::vector<std::string>& way) {
    auto path = absolute(file.text, tree_.folders[where.file]);
    PHOTON_TRY(auto root, parsed(path, fs::path(path).parent_path().string(), file.where));
    PHOTON_CHECK(interpolate(root, lookup_, tree_.unset));
    auto* services = root.find("services");
    if (services == nullptr || !services->is_map()) return no_service({}, name);
    return from_here(*services, name, way);
  }

  static tl::unexpected<Error> no_service(const Node& services, const Node& name) {
    std::vector<std::string_view> names(services.keys.begin(), services.keys.end());
    auto near = nearest(name.text, names);
    return fail_at(name.where, Kind::usage, "compose.extends",
                   fmt::format("there is no service \"{}\" to extend", shown(name.text)),
                   near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
  }

  const Inputs& inputs_;
  Lookup lookup_;
  Tree tree_;
  std::size_t read_ = 0;
  std::size_t extended_ = 0;
};

}  // namespace

Result<Tree> read_tree(const Inputs& inputs) {
  if (inputs.files.empty())
    return fail(Kind::usage, "compose.files", "no compose file is named", "dockerComposeFile names one");
  return Files(inputs).all();
}

bool is_within(const std::string& path, const std::string& repository) {
  return (path + "/").starts_with(repository == "/" ? repository : repository + "/");
}

std::string absolute(const std::string& path, const std::string& folder) {
  auto made = (fs::path(folder) / path).lexically_normal().string();
  while (made.size() > 1 && made.ends_with('/')) made.pop_back();
  return made;
}

std::string shown_path(const std::string& path, const Inputs& inputs) {
  auto below = inputs.local_folder + "/";
  return path.starts_with(below) ? path.substr(below.size()) : path;
}

Result<std::string> read_named(const std::string& path, std::string_view what, const Place& where,
                               const Inputs& inputs) {
  auto wrong = [&](Kind kind, std::string message, std::string hint) -> tl::unexpected<Error> {
    if (where.file.empty()) return fail(kind, "compose.file", std::move(message), std::move(hint));
    return fail_at(where, kind, "compose.file", std::move(message), std::move(hint));
  };
  auto name = shown(shown_path(path, inputs), 200);
  if (!is_within(path, inputs.repository))
    return wrong(
        Kind::usage,
        fmt::format("{} {} lies outside of the repository {}", what, name, shown(inputs.repository, 200)),
        "nothing else of this machine is read: move it into the repository");
  PHOTON_TRY(auto text, inputs.read(path));
  if (!text) return wrong(Kind::not_found, fmt::format("there is no {}, {}", name, what), "");
  return std::move(*text);
}

Lookup lookup_of(const Inputs& inputs, const Variables& dotenv) {
  return [&inputs, dotenv](const std::string& name) -> std::optional<std::string> {
    if (inputs.environment)
      if (auto value = inputs.environment(name)) return value;
    if (const auto* value = find_variable(dotenv, name)) return *value;
    return std::nullopt;
  };
}

Result<std::vector<std::string>> default_files(const std::string& folder, const Inputs& inputs) {
  Inputs here = inputs;
  here.local_folder = folder;
  Variables dotenv;
  PHOTON_TRY(auto text, inputs.read(folder + "/.env"));
  if (text) {
    PHOTON_TRY(dotenv, read_variables(*text, ".env", lookup_of(here, {})));
  }
  auto lookup = lookup_of(here, dotenv);
  std::vector<std::string> files;
  if (auto named = lookup("COMPOSE_FILE"); named && !named->empty()) {
    auto sign = lookup("COMPOSE_PATH_SEPARATOR").value_or(":");
    std::string_view rest = *named;
    while (!rest.empty()) {
      auto end = sign.empty() ? rest.npos : rest.find(sign);
      if (auto name = trimmed(rest.substr(0, end)); !name.empty())
        files.push_back(absolute(std::string(name), folder));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + sign.size());
    }
    if (!files.empty()) return files;
  }
  for (const char* stem : {"compose", "docker-compose"})
    for (const char* ending : {".yaml", ".yml"}) {
      PHOTON_TRY(auto there, inputs.read(fmt::format("{}/{}{}", folder, stem, ending)));
      if (!there) continue;
      files.push_back(fmt::format("{}/{}{}", folder, stem, ending));
      for (const char* other : {".yml", ".yaml"}) {
        auto over = fmt::format("{}/{}.override{}", folder, stem, other);
        PHOTON_TRY(auto second, inputs.read(over));
        if (!second) continue;
        files.push_back(std::move(over));
        break;
      }
      return files;
    }
  return fail(Kind::not_found, "compose.file",
              fmt::format("there is no compose.yaml or docker-compose.yml in {}", folder),
              "dockerComposeFile names another, from the folder of devcontainer.json on");
}

}  // namespace photon::compose
