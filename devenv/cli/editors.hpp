// The programs that `devenv open` starts, and which of them are here.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace photon::cli {

struct Editor {
  std::string_view word;                ///< what --with takes
  std::vector<std::string_view> names;  ///< any of these in PATH
  std::string_view install;             ///< what to do where none is
};

/// In the order of preference; the browser comes last.
const std::vector<Editor>& editors();
/// Its program in PATH, or "".
std::string installed(const Editor& editor);

}  // namespace photon::cli
