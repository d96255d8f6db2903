#include "tests/integration/compose/suite.hpp"

namespace photon::tests {

std::string ComposeTest::with_compose(const std::string& name, std::string text, const std::string& more) {
  auto folder = *home / name;
  std::filesystem::remove_all(folder);  // of another test
  for (auto at = text.find("BASE"); at != text.npos; at = text.find("BASE")) text.replace(at, 4, base());
  put(folder + "/.devcontainer/compose.yml", text);
  return project(name, fmt::format(R"({{"dockerComposeFile": "compose.yml", "service": "app"{}{}}})",
                                   more.empty() ? "" : ", ", more));
}

std::string ComposeTest::fails(const std::string& folder, int status) {
  auto done = home->devenv({"up"}, folder);
  EXPECT_EQ(done.status, status) << done.err;
  return done.err;
}

std::map<std::string, std::string> ComposeTest::services(const std::string& name) {
  std::map<std::string, std::string> found;
  for (const auto& row : home->journal())
    if (row.name == name)
      if (const auto* beside = member(row.details, "beside"); beside && beside->is_array())
        for (const auto& one : beside->get_array()) found[text_or(one, "service")] = text_or(one, "id");
  return found;
}

std::string ComposeTest::task(const std::string& name, const std::string& service) {
  auto id = services(name)[service];
  auto listed = must_run({"ctr", "--address", home->paths().runtime + "/containerd/containerd.sock",
                          "--namespace", "devenv", "tasks", "ls"});
  for (std::size_t at = 0; at < listed.size();) {
    auto end = std::min(listed.find('\n', at), listed.size());
    auto line = listed.substr(at, end - at);
    at = end + 1;
    if (id.empty() || !line.starts_with(id)) continue;
    return line.find("RUNNING") != line.npos ? "running" : "stopped";
  }
  return "";
}

}  // namespace photon::tests
