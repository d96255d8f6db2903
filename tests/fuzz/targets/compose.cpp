// Compose files as repositories bring them, with the files that they name.
#include "devenv/compose/compose.hpp"

#include "devenv/compose/dotenv.hpp"
#include "devenv/compose/yaml.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void compose(std::string_view input) {
  compose::Inputs inputs;
  inputs.files = {"/home/ada/web/compose.yml", "/home/ada/web/over.yml"};
  inputs.local_folder = inputs.repository = "/home/ada/web";
  inputs.read = [&](const std::string& path) -> Result<std::optional<std::string>> {
    expect(path.starts_with("/home/ada/web/"), "nothing outside of the repository is read");
    if (path.ends_with(".env")) return std::string("A=1\nB=$A\n");
    return std::string(input);
  };
  inputs.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/ada";
    return std::nullopt;
  };
  for (bool lenient : {false, true}) {
    inputs.allow_unknown = lenient;
    auto loaded = compose::load(inputs);
    if (!loaded) {
      expect(!loaded.error().message.empty(), "a fault has a sentence");
      continue;
    }
    std::set<std::string> before;
    for (const auto& service : loaded->project.services) {
      for (const auto& [name, dependency] : service.depends_on)
        expect(before.contains(name), "a service comes after what it needs");
      for (const auto& port : service.ports) expect(port.target > 0 && port.target < 65536, "a port is one");
      for (const auto& mount : service.mounts) expect(mount.target.starts_with('/'), "a mount has its place");
      expect(service.digest.size() == 64, "a service has a digest");
      before.insert(service.name);
    }
    if (auto first = loaded->project.services.begin(); first != loaded->project.services.end()) {
      auto chosen = compose::chosen(loaded->project, first->name, {});
      expect(chosen && !chosen->empty(), "the service itself runs");
    }
  }
}

void env_file(std::string_view input) {
  auto outside = [](const std::string&) { return std::optional<std::string>(); };
  if (auto read = compose::read_variables(input, ".env", outside)) {
    std::set<std::string> names;
    for (const auto& [name, value] : *read)
      expect(!name.empty() && names.insert(name).second, "each variable has a name, once");
  }
  (void)compose::read_raw_variables(input, ".env");
  std::set<std::string> unset;
  std::string text(input);
  auto made = compose::interpolate(text, outside, {}, unset);
  if (text.find('$') == text.npos) expect(made && *made == text, "plain text stays as it is");
}

}  // namespace photon::fuzz
