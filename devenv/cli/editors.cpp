#include "devenv/cli/editors.hpp"

#include "devenv/core/process.hpp"

namespace photon::cli {

const std::vector<Editor>& editors() {
  static const std::vector<Editor> all{
      {"code", {"code", "codium", "code-insiders"}, "install VS Code with its Remote - SSH extension"},
      {"jetbrains",
       {"jetbrains-gateway", "gateway.sh", "gateway"},
       "install JetBrains Gateway and have it in PATH"},
      {"zed", {"zed", "zeditor"}, "install Zed and have it in PATH"},
      {"browser", {"xdg-open"}, "sudo apt install xdg-utils"},
  };
  return all;
}

std::string installed(const Editor& editor) {
  for (auto name : editor.names)
    if (find_program(name)) return std::string(name);
  return {};
}

}  // namespace photon::cli
