#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

constexpr Target table[] = {
    {"archive", archive},
    {"armour", armour},
    {"build_file", build_file},
    {"challenge", challenge},
    {"command_words", command_words},
    {"compose", compose},
    {"config", config},
    {"sources", sources},
    {"debs", debs, 500},
    {"definition", definition},
    {"devcontainer", devcontainer},
    {"dockerfile", dockerfile},
    {"documents", documents},
    {"encodings", encodings},
    {"env_file", env_file},
    {"feature", feature},
    {"first_boot", first_boot},
    {"http_answer", http_answer},
    {"http_target", http_target},
    {"ignore_file", ignore_file},
    {"init_answers", init_answers, 1000},
    {"init_requests", init_requests},
    {"keys", keys},
    {"known_hosts", known_hosts},
    {"logins", logins, 500},
    {"names", names},
    {"network_config", network_config},
    {"package_names", package_names},
    {"packages", packages},
    {"planted", planted},
    {"reference", reference},
    {"reference_variables", reference_variables},
    {"reference_view", reference_view},
    {"repomd", repomd, 1000},
    {"rpm_files", rpm_files, 1000},
    {"ssh_config", ssh_config},
    {"subordinates", subordinates},
    {"tree_names", tree_names},
    {"tolerant", tolerant},
    {"unpacked", unpacked, 400},
    {"url", url},
    {"users", users},
    {"variables", variables},
    {"wire", wire},
};

}  // namespace

std::span<const Target> targets() { return table; }

void expect(bool kept, std::string_view promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

void planted(std::string_view input) { expect(input.find("ab") == input.npos, "an input without \"ab\""); }

}  // namespace photon::fuzz
