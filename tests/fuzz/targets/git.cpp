// Addresses that people paste, known_hosts files, and names in a stranger's tree.
#include "devenv/git/git.hpp"
#include "devenv/git/checkout.hpp"
#include "devenv/git/known_hosts.hpp"
#include "devenv/git/login.hpp"
#include "devenv/git/url.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void url(std::string_view input) {
  if (auto parsed = git::parse_url(input)) {
    auto again = git::parse_url(parsed->text());
    expect(again && again->host == parsed->host && again->path == parsed->path,
           "an address is read as it was written");
    expect(!again->has_password, "an address is shown without its password");
  }
  if (auto source = git::parse_source(input, "/home/ada"))
    expect(!source->url.empty() && source->url[0] != '-', "a source has an address that is no option");
  auto module = git::submodule_url("https://git.example.org/acme/web.git", input);
  if (!module) return;
  auto leads = git::parse_url(*module);
  expect(leads && leads->scheme != "file", "a repository of the network leads to no file of ours");
}

void known_hosts(std::string_view input) {
  static const std::string key("\0\0\0\x0bssh-ed25519\0\0\0\x20 01234567890123456789012345678901", 51);
  for (unsigned port : {22u, 2222u}) (void)git::check_host_key(input, "git.example.org", port, key);
  (void)git::check_host_key("git.example.org ssh-ed25519 AAAA\n", "git.example.org", 22, input);
  (void)git::check_host_key("|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA\n", input, 22, key);
}

void tree_names(std::string_view input) {
  if (input == ".git" || input == ".." || input == ".GIT")
    expect(git::is_forbidden_name(input), "a tree has no .git");
  (void)git::is_forbidden_name(input);
  (void)git::asks_for_conversion(input);
  (void)git::is_plain_key(input);
}

}  // namespace photon::fuzz
