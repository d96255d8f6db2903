// Names of environments, keys of users, and files that we write for OpenSSH.
#include "devenv/cli/ssh_files.hpp"
#include "devenv/core/name.hpp"
#include "devenv/engine/namespaces/parts.hpp"
#include "devenv/ssh/keys.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void names(std::string_view input) {
  expect(check_name(name_from(input)).has_value(), "any text gives a name that is allowed");
  if (check_name(input))
    expect(input.find_first_of("/.\n\t %\\\"'") == input.npos && input.size() <= 40,
           "a name is a plain word");
  for (unsigned char c : shown(input)) expect(c >= 0x20 && c != 0x7f, "what is shown moves no cursor");
  std::string_view known[] = {"web", "api", "site"};
  (void)nearest(input.substr(0, 64), known);
}

/// Lines of the input are names; those that are none never reach the file.
void ssh_config(std::string_view input) {
  std::vector<wire::Environment> all;
  while (!input.empty()) {
    auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (!check_name(line)) continue;
    all.push_back({});
    all.back().name = line;
  }
  auto text =
      cli::ssh_config_text({"/a b/config", "/a%b/known", "/c", "/d\"e"}, all, "/opt/it's here/devenv");
  std::string_view rest = text;
  std::size_t hosts = 0;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.starts_with("Host ")) ++hosts;
    expect(line.starts_with("#") || line.starts_with("Host ") || line.starts_with("  "),
           "only lines of ours");
  }
  expect(hosts == all.size() + 2, "a block for each environment");
}

void keys(std::string_view input) {
  for (const auto& key : ssh::parse_public_keys(input)) {
    auto again = ssh::parse_public_key(key.text());
    expect(again && again->text() == key.text(), "a key is read as it was written");
    (void)ssh::fingerprint(key);
  }
  (void)ssh::parse_public_key(input);
}

void subordinates(std::string_view input) {
  for (const auto& range : namespaces::subordinate_ranges(input, "ada", 1000))
    expect(range.count > 0, "a range has ids");
}

}  // namespace photon::fuzz
