#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "devenv/core/derived.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/features_test.hpp"

namespace photon::devcontainer {
namespace {

namespace fs = std::filesystem;
using spec::reference::List;
using spec::reference::Object;
using spec::reference::Value;

/// Another one than the default.
Value another(const List& offered, const Value& usual, bool randomize) {
  std::size_t at = 0;
  std::size_t standard = 0;
  for (std::size_t i = 0; i < offered.size(); ++i)
    if (usual.text() && offered[i].text() && *usual.text() == *offered[i].text()) standard = i;
  if (randomize) at = std::random_device()() % offered.size();
  if (at == standard) at = (at + 1) % offered.size();
  return offered[at];
}

/// "9x-y" is _X_Y.
std::string variable_of(std::string_view name) {
  std::string out;
  for (char c : name) {
    bool digit = c >= '0' && c <= '9';
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !digit) c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    bool at_front = out.empty() || out == "_";
    if (at_front && (digit || c == '_'))
      out = "_";
    else
      out += c;
  }
  return out;
}

}  // namespace

Result<bool> copy_folder(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return false;
  PHOTON_CHECK(make_directories(to, 0755));
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
  if (error) return fail_errno(fmt::format("copy {}", from), error.value());
  return true;
}

Result<void> open_to_all(const std::string& folder) {
  std::error_code error;
  fs::permissions(folder, fs::perms::all, error);
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (!at->is_symlink()) fs::permissions(at->path(), fs::perms::all, error);
  if (error) return fail_errno("open " + folder, error.value());
  return {};
}

Result<void> write_project(const std::string& folder, const std::string& collection,
                           const std::vector<TestFeature>& features, std::string_view configuration) {
  auto below = folder + "/.devcontainer";
  PHOTON_CHECK(make_directories(below, 0755));
  for (const auto& feature : features) {
    PHOTON_TRY(bool there, copy_folder(collection + "/src/" + feature.id, below + "/" + feature.name));
    if (!there)
      return fail(Kind::not_found, "reference.feature",
                  fmt::format("Folder '{}/src/{}' does not exist for the '{}' Feature.", collection,
                              feature.id, feature.id));
  }
  return write_derived(below + "/devcontainer.json", configuration, 0644);
}

Object other_options(const Value& feature, bool randomize) {
  Object chosen;
  const auto* options = feature.at("options").object();
  if (!options) return chosen;
  options->each([&](const std::string& name, const Value& option) {
    const auto* type = option.at("type").text();
    if (type && *type == "boolean") chosen.set(name, !option.at("default").truthy());
    if (!type || *type != "string") return;
    for (std::string_view offer : {"proposals", "enum"})
      if (const auto* offered = option.at(offer).list(); offered && !offered->empty())
        chosen.set(name, another(*offered, option.at("default"), randomize));
  });
  return chosen;
}

std::vector<std::string> option_variables(const Object& options) {
  std::vector<std::string> variables;
  options.each([&](const std::string& name, const Value& value) {
    variables.push_back(fmt::format("{}={}", variable_of(name), value.to_text()));
  });
  return variables;
}

}  // namespace photon::devcontainer
