#include <unistd.h>
#include <boost/json/value_from.hpp>

#include "devenv/cli/commands/commands.hpp"
#include "devenv/config/config.hpp"

namespace photon::cli {
namespace {

constexpr Example show_examples[] = {
    {"devenv config", "every setting, where it comes from, and where things lie"},
    {"du -sh \"$(devenv config --json | jq -r .cache)\"", "size of the mirrors"}};
constexpr Positional get_positionals[] = {{"KEY", "a setting: ssh.listen", true}};
constexpr Example get_examples[] = {
    {"devenv config get default_image", "the value alone; of a list, a line each"},
    {"devenv config get registries.mirrors.registry.example.org --json", "a JSON list"}};
constexpr Positional set_positionals[] = {{"KEY", "a setting: ssh.listen", true},
                                          {"VALUE", "its value; of a list: \"a, b\"", true}};
constexpr Example set_examples[] = {
    {"devenv config set ssh.listen 127.0.0.1:2222", "SSH for clients that know no ProxyCommand"},
    {"devenv config set registries.mirrors.registry.example.org mirror.example.org",
     "a mirror that is asked first"}};

Result<std::vector<std::string>> setting_files() { return config::files(::geteuid() == 0); }

json::value as_json(const config::Setting& setting, const std::vector<std::string>& value) {
  return setting.list ? json::value_from(value) : json::value(value.at(0));
}

std::string origin(const config::Setting& setting) {
  return setting.from ? fmt::format("{}:{}", setting.from->file, setting.from->line) : "default";
}

Result<int> show_json(Context& context, const std::vector<std::pair<std::string_view, std::string>>& places,
                      const std::vector<config::Setting>& settings) {
  json::object out;
  for (const auto& [name, path] : places) out[name] = path;
  json::array values;
  for (const auto& one : settings)
    values.push_back(json::object{{"key", one.key},
                                  {"value", as_json(one, one.value)},
                                  {"default", as_json(one, one.otherwise)},
                                  {"from", one.from ? one.from->file : "default"},
                                  {"line", one.from ? one.from->line : 0},
                                  {"doc", one.doc}});
  out["values"] = std::move(values);
  PHOTON_CHECK(context.print_json(out));
  return 0;
}

Result<int> show(Context& context) {
  PHOTON_TRY(auto files, setting_files());
  PHOTON_TRY(auto loaded, config::load(files));
  PHOTON_TRY(auto paths, user_paths());
  std::vector<std::pair<std::string_view, std::string>> places{
      {"settings", files.back()}, {"data", paths.data},           {"cache", paths.cache},
      {"runtime", paths.runtime}, {"socket", paths.api_socket()}, {"key", paths.config + "/id_ed25519"}};
  auto settings = config::describe(loaded);
  if (context.json()) return show_json(context, places, settings);
  const auto look = look_at(1);
  const auto width = look.drawing ? width_of(1) : 0;
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : settings)
    rows.push_back({harmless(one.key), harmless(config::as_toml(one)), harmless(origin(one))});
  PHOTON_CHECK(context.print(table({"SETTING", "VALUE", "FROM"}, rows, look, width) + "\n"));
  rows.clear();
  for (const auto& [name, path] : places) {
    std::error_code error;
    rows.push_back({std::string(name), path, std::filesystem::exists(path, error) ? "" : "not there yet"});
  }
  PHOTON_CHECK(context.print(table({}, rows, look, 0)));
  return 0;
}

Result<int> get(Context& context) {
  PHOTON_TRY(auto files, setting_files());
  PHOTON_TRY(auto loaded, config::load(files));
  PHOTON_TRY(auto setting, config::find(loaded, context.arguments.positional(0)));
  if (context.json()) {
    PHOTON_CHECK(context.print_json(as_json(setting, setting.value)));
    return 0;
  }
  for (const auto& line : setting.value) PHOTON_CHECK(context.print(line + "\n"));
  return 0;
}

/// Daemons read settings when they start, and the machine's only those of the machine.
std::string when_it_counts(Context& context) {
  auto daemon = context.daemon(false);
  if (!daemon) return {};
  auto status = (*daemon)->status();
  if (!status) return {};
  if (status->system && ::geteuid() != 0)
    return "  the daemon of this machine answers, and reads the machine's settings alone\n";
  return "  it counts when the daemon starts again; environments keep running: devenv shutdown\n";
}

Result<int> set(Context& context) {
  PHOTON_TRY(auto files, setting_files());
  auto key = context.arguments.positional(0);
  PHOTON_CHECK(config::set(files.back(), key, context.arguments.positional(1)));
  PHOTON_TRY(auto loaded, config::load(files));
  PHOTON_TRY(auto setting, config::find(loaded, key));
  if (context.json())
    PHOTON_CHECK(context.print_json(
        json::object{{"key", key}, {"value", as_json(setting, setting.value)}, {"file", files.back()}}));
  context.tell(fmt::format("{} is {} in {}\n", key, config::as_toml(setting), files.back()));
  if (setting.daemon) context.tell(when_it_counts(context));
  return 0;
}

}  // namespace

extern const Command config_command{
    "config", "show the settings and where everything lies", {}, {}, show_examples, show};
extern const Command config_get_command{"config get",    "print one setting", {},
                                        get_positionals, get_examples,        get};
extern const Command config_set_command{
    "config set", "change one setting and keep the rest of the file", {}, set_positionals, set_examples, set};

}  // namespace photon::cli
