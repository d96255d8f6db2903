// `outdated` and `upgrade`: versions of a configuration's features, and the lock file that pins them.
#include <unistd.h>

#include <algorithm>

#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/packages/command.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/lock.hpp"
#include "devenv/spec/reference/outdated.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

/// N, N.N or N.N.N
bool is_target(std::string_view text) {
  int numbers = 0;
  while (!text.empty()) {
    auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || ++numbers > 3) return false;
    text.remove_prefix(digits);
    if (text.empty()) return true;
    if (text[0] != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// The feature gets another tag, wherever its id stands in the file.
Result<void> change_tag(const CommandConfiguration& read, const std::string& feature,
                        const std::string& version, const Call& call) {
  PHOTON_TRY(auto bytes, call.world.read(read.place.path));
  if (!bytes) return fail(Kind::failed, "reference.no-file", read.place.path + " is gone");
  auto name = without_version(feature);
  const Value& features = read.configuration.value.at("features");
  auto text = *bytes;
  if (features.object())
    for (const auto& id : features.object()->names())
      if (without_version(id) == name) {
        text = replaced(std::move(text), id, name + ":" + version);
        break;
      }
  if (text == *bytes) return {};
  call.log.write(LogLevel::info, fmt::format("Updating config file: '{}'", read.place.path));
  return write_file(read.place.path, text, 0644);
}

}  // namespace

Result<int> outdated(const Call& call) {
  PHOTON_TRY(auto format, call.text("output-format", "text"));
  PHOTON_TRY(auto read, read_command_configuration(call));
  PHOTON_TRY(read.inputs.lock, lock_beside(read, call));
  PHOTON_TRY(auto versions, versions_of_features(read.configuration.value, read.inputs));
  auto text = format != "json"   ? versions_table(versions)
              : ::isatty(1) == 1 ? write_indented(versions, 2)
                                 : write(versions);
  PHOTON_CHECK(print(text + "\n"));
  return 0;
}

Result<int> upgrade(const Call& call) {
  PHOTON_TRY(auto feature, call.text("feature"));
  PHOTON_TRY(auto version, call.text("target-version"));
  if (feature.empty() != version.empty())
    return fail(Kind::usage, "reference.words",
                "The '--target-version' and '--feature' flag must be used together.");
  if (!version.empty() && !is_target(version))
    return fail(Kind::usage, "reference.words",
                fmt::format("Invalid version '{}'.  Must be in the form of 'x', 'x.y', or 'x.y.z'", version));
  PHOTON_TRY(auto read, read_command_configuration(call));
  if (!feature.empty()) {
    PHOTON_CHECK(change_tag(read, feature, version, call));
    PHOTON_TRY(read, read_command_configuration(call));
  }
  PHOTON_TRY(auto features, features_configuration(read.configuration.value, {}, read.inputs));
  if (features.undefined())
    return fail(Kind::failed, "reference.lock", "Failed to update lockfile",
                "the configuration asks for no features");
  auto lock = make_lock(features);
  if (call.flag("dry-run")) {
    PHOTON_CHECK(print(write_indented(lock, 2) + "\n"));
    return 0;
  }
  auto path = lock_path(read.place.path);
  PHOTON_TRY(auto old, call.world.read(path));
  PHOTON_TRY(auto text, changed_lock(lock, old, LockRule::write));
  if (text) PHOTON_CHECK(write_file(path, *text, 0644));
  return 0;
}

}  // namespace photon::devcontainer
