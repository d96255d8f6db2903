#include "images/firstboot/users.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "devenv/core/name.hpp"
#include "images/firstboot/keys.hpp"
#include "images/firstboot/system.hpp"

namespace photon::first_boot {
namespace {

using yaml::Node;

/// Of those that crypt(3) has today: a quick one can be guessed from a seed that somebody sees.
bool is_slow_hash(std::string_view text) {
  constexpr std::array<std::string_view, 6> kinds = {"$y$", "$gy$", "$7$", "$6$", "$2b$", "$2y$"};
  return text.size() <= 384 && text.find_first_of(":\n\r ") == text.npos &&
         std::any_of(kinds.begin(), kinds.end(), [&](auto kind) { return text.starts_with(kind); });
}

std::vector<std::string> groups_of(const Node& node, std::string_view what, Plan& plan) {
  std::vector<std::string> groups;
  for (const auto& text : texts_of(node, what, plan))
    for (std::size_t at = 0; at <= text.size();) {
      auto end = std::min(text.find(',', at), text.size());
      auto name = text.substr(at, end - at);
      at = end + 1;
      name.erase(0, std::min(name.find_first_not_of(" \t"), name.size()));
      name.erase(name.find_last_not_of(" \t") + 1);
      if (name.empty()) continue;
      if (auto good = check_account_name(name))
        groups.push_back(name);
      else
        leave_out(plan, node.where, good.error().message, good.error().hint);
    }
  return groups;
}

struct UserReader {
  Plan& plan;
  WantedUser wanted{};
  std::optional<std::string> hash{};
  Place hash_place{};
  bool locked = true;

  void path(const Node& value, const std::string& key, std::string& target) {
    auto text = text_of(value, key, plan);
    if (!text) return;
    if (text->starts_with('/') && text->find_first_of(":\n") == text->npos && clean_path(*text))
      target = *text;
    else
      leave_out(plan, value.where, fmt::format("{} has to be an absolute path", key));
  }

  void sudo(const Node& value) {
    if (value.is_null() || value.truth() == false) return;
    for (auto& rule : texts_of(value, "sudo", plan)) {
      if (rule.find_first_of("\n\r\\#@") != rule.npos || rule.size() > 1000 || rule.find('=') == rule.npos)
        leave_out(plan, value.where, fmt::format("\"{}\" is no rule that is taken over", shown(rule)),
                  "such as ALL=(ALL) NOPASSWD:ALL, on one line");
      else
        wanted.sudo.push_back(std::move(rule));
    }
  }

  void number(const Node& value) {
    unsigned long uid = 0;
    auto text = text_of(value, "uid", plan).value_or("");
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
    if (error == std::errc() && end == text.data() + text.size() && uid > 0 && uid < 65534)
      wanted.user.uid = uid;
    else
      leave_out(plan, value.where, "uid has to be a number from 1 to 65533");
  }

  void key(const std::string& key, const Place& place, const Node& value) {
    auto& user = wanted.user;
    if (key == "gecos") {
      auto text = text_of(value, key, plan).value_or("");
      if (text.find_first_of(":\n\r") == text.npos && text.size() <= 200)
        user.gecos = text;
      else
        leave_out(plan, value.where, "gecos must not have a colon or a second line");
    } else if (key == "groups")
      user.groups = groups_of(value, key, plan);
    else if (key == "primary_group" || key == "primary-group") {
      for (auto& name : groups_of(value, key, plan)) user.primary_group = name;
    } else if (key == "shell")
      path(value, key, user.shell);
    else if (key == "homedir")
      path(value, key, user.home);
    else if (key == "uid")
      number(value);
    else if (key == "sudo")
      sudo(value);
    else if (key == "ssh_authorized_keys" || key == "ssh-authorized-keys")
      wanted.keys = keys_of(value, plan);
    else if (key == "lock_passwd" || key == "lock-passwd")
      locked = truth_of(value, key, plan, true);
    else if (key == "no_create_home" || key == "no-create-home")
      user.make_home = !truth_of(value, key, plan, false);
    else if (key == "system")
      user.system = truth_of(value, key, plan, false);
    else if (key == "passwd" || key == "hashed_passwd") {
      hash = text_of(value, key, plan);
      hash_place = value.where;
    } else if (key == "plain_text_passwd" || key == "plain-text-passwd")
      leave_out(plan, place, "passwords are not taken in plain text",
                "ssh_authorized_keys, or hashed_passwd for the console");
    else if (key != "name")
      leave_out(plan, place, fmt::format("\"{}\" of a user is not supported", shown(key)));
  }

  /// A hashed password is its owner's wish, for a login at the console; SSH takes keys alone whatever it
  /// says.
  void password() {
    if (!hash) return;
    if (!is_slow_hash(*hash))
      leave_out(plan, hash_place, "this is no hashed password that is taken",
                "mkpasswd -m yescrypt makes one");
    else if (locked)
      leave_out(plan, hash_place, "the password is locked",
                "lock_passwd: false lets it be used at the console");
    else
      wanted.user.password = *hash;
  }
};

void read_user(const Node& node, Plan& plan) {
  if (node.kind == Node::Kind::text) {
    if (node.text == "default")
      plan.users.push_back({.user = default_user(), .is_default = true, .where = node.where});
    else if (auto good = check_account_name(node.text); good && node.text != "root")
      plan.users.push_back({.user = {.name = node.text}, .where = node.where});
    else
      leave_out(plan, node.where, fmt::format("\"{}\" is no user that is made", shown(node.text)));
    return;
  }
  const auto* name = node.find("name");
  if (node.kind != Node::Kind::map || !name || name->kind != Node::Kind::text)
    return leave_out(plan, node.where, "a user has to have a name");
  if (name->text == "root")
    return leave_out(plan, name->where, "root gets no keys and no password",
                     "a user in group wheel acts as root by sudo");
  if (auto good = check_account_name(name->text); !good)
    return leave_out(plan, name->where, good.error().message, good.error().hint);
  UserReader reader{.plan = plan};
  reader.wanted = {.user = {.name = name->text}, .where = node.where};
  if (name->text == default_user().name) reader.wanted.user.gecos = default_user().gecos;
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    reader.key(node.keys[i], node.key_places[i], node.items[i]);
  reader.password();
  plan.users.push_back(std::move(reader.wanted));
}

}  // namespace

std::vector<std::string> keys_of(const Node& node, Plan& plan) {
  std::vector<std::string> keys;
  auto take = [&](const Node& item) {
    auto text = text_of(item, "a key", plan);
    if (!text) return;
    while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) text->pop_back();
    if (auto good = check_key(*text); !good)
      leave_out(plan, item.where, good.error().message, good.error().hint);
    else
      keys.push_back(std::move(*text));
  };
  if (node.kind == Node::Kind::list)
    for (const auto& item : node.items) take(item);
  else if (!node.is_null())
    take(node);
  return keys;
}

void read_users(const Node& node, Plan& plan) {
  if (node.is_null()) return;
  if (node.kind != Node::Kind::list) return leave_out(plan, node.where, "users has to be a list");
  for (const auto& one : node.items) read_user(one, plan);
}

}  // namespace photon::first_boot
