#include "devenv/environment/inputs.hpp"

#include <cerrno>

#include "devenv/core/beneath.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::environment {

Result<std::optional<std::string>> read_input(const std::string& path, Inputs& seen) {
  auto text = read_file(path, 4 << 20);
  if (text) {
    seen[path] = sha256_hex(*text);
    return std::optional<std::string>(std::move(*text));
  }
  if (text.error().kind != Kind::not_found && errno != ENOTDIR)
    return tl::unexpected(std::move(text.error()));
  seen[path] = "";
  return std::nullopt;
}

Result<std::optional<std::string>> read_input_beneath(const std::string& folder, const std::string& path,
                                                      Inputs& seen) {
  if (!path.starts_with(folder + "/"))
    return fail(Kind::usage, "path.outside", path + " lies outside of the repository");
  PHOTON_TRY(auto text, read_beneath(folder, path.substr(folder.size() + 1), 4 << 20, "the repository"));
  seen[path] = text ? sha256_hex(*text) : "";
  return text;
}

bool changed(const Inputs& seen) {
  return std::any_of(seen.begin(), seen.end(), [](const auto& input) {
    Inputs now;
    auto text = read_input(input.first, now);
    return !text || now[input.first] != input.second;
  });
}

std::vector<std::string> subfolders(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (std::error_code none; entry.is_directory(none)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace photon::environment
