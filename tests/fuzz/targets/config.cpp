// config.toml: written by people, and by `devenv config set`.
#include "devenv/config/config.hpp"

#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void config(std::string_view input) {
  auto loaded = config::parse(std::string(input), "config.toml");
  if (!loaded) {
    expect(loaded.error().where.has_value(), "a fault in a file has a place");
    return;
  }
  std::string text;
  for (const auto& setting : config::describe(*loaded))
    if (setting.from && setting.key.find("HOST") == std::string::npos &&
        !setting.key.starts_with("registries.mirrors."))
      text += setting.key + " = " + config::as_toml(setting) + "\n";
  auto again = config::parse(text, "written");
  if (again) again->config.registries.mirrors = loaded->config.registries.mirrors;
  expect(again && again->config == loaded->config, "what a file says, setting by setting, says the same");
}

}  // namespace photon::fuzz
