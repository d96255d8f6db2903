#include "images/firstboot/system.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "devenv/core/name.hpp"
#include "images/firstboot/keys.hpp"

namespace photon::first_boot {

User default_user() { return {.name = "photon", .gecos = "Photon", .groups = {"wheel", "devenv"}}; }

Result<Account> make_user(const Tree& tree, const User& user, const std::vector<std::string>& keys,
                          Journal& journal, const std::vector<std::string>& if_there) {
  Account account;
  std::vector<std::string> missing;
  {
    PHOTON_TRY(auto lock, tree.lock_accounts());
    PHOTON_TRY(auto accounts, Accounts::read(tree));
    PHOTON_TRY(account, accounts.ensure(user, missing));
    PHOTON_CHECK(accounts.write(tree));
  }
  for (const auto& group : missing)
    if (std::find(if_there.begin(), if_there.end(), group) == if_there.end())
      journal.warning(fmt::format("there is no group \"{}\" for the user {}", shown(group), user.name));
  if (user.make_home) PHOTON_CHECK(make_home(tree, account));
  std::size_t added = 0;
  if (!keys.empty()) {
    auto done = add_keys(tree, account, keys);
    if (!done) return within(done.error(), "while giving keys to " + user.name);
    added = *done;
  }
  if (account.made || added > 0)
    journal.info(fmt::format("user {} ({}){}: {} new keys", user.name, account.uid,
                             account.made ? " made" : "", added));
  return account;
}

Result<void> check_host_name(std::string_view name) {
  bool good = !name.empty() && name.size() <= 64;
  for (std::size_t at = 0; good && at <= name.size();) {
    auto end = std::min(name.find('.', at), name.size());
    auto label = name.substr(at, end - at);
    good = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
           });
    at = end + 1;
  }
  if (good) return {};
  return fail(Kind::usage, "first-boot.hostname", fmt::format("\"{}\" is no host name", shown(name)),
              "letters, digits and hyphens, at most 64, dots between the parts");
}

Result<void> set_host_name(const Tree& tree, const std::string& name, Journal& journal) {
  PHOTON_CHECK(check_host_name(name));
  PHOTON_TRY(auto old, tree.read("etc/hostname"));
  if (old != name + "\n") {
    PHOTON_CHECK(tree.write("etc/hostname", name + "\n", {}));
    journal.info("host name " + name);
  }
  if (tree.runs() && ::sethostname(name.data(), name.size()) < 0)
    return fail_errno("set the host name", errno);
  return {};
}

}  // namespace photon::first_boot
