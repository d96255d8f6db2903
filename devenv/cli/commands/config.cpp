#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {{"devenv config", "where settings, data, caches and sockets lie"},
                                {"du -sh \"$(devenv config --json | jq -r .cache)\"", "size of the mirrors"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto paths, user_paths());
  const std::pair<std::string_view, std::string> rows[] = {{"settings", paths.config + "/config.toml"},
                                                           {"data", paths.data},
                                                           {"cache", paths.cache},
                                                           {"runtime", paths.runtime},
                                                           {"socket", paths.api_socket()},
                                                           {"key", paths.config + "/id_ed25519"}};
  if (context.json()) {
    json::object out;
    for (const auto& [name, path] : rows) out[name] = path;
    PHOTON_CHECK(context.print_json(out));
    return 0;
  }
  std::vector<std::vector<std::string>> lines;
  for (const auto& [name, path] : rows) {
    std::error_code error;
    lines.push_back({std::string(name), path, std::filesystem::exists(path, error) ? "" : "not there yet"});
  }
  PHOTON_CHECK(context.print(table({}, lines, look_at(1), 0)));
  return 0;
}

}  // namespace

extern const Command config_command{"config", "show where everything lies", {}, {}, examples, run};

}  // namespace photon::cli
