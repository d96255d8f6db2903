#include "images/firstboot/accounts.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "devenv/core/name.hpp"

namespace photon::first_boot {
namespace {

constexpr unsigned first_user = 1000, last_user = 60000, first_system = 201;
constexpr unsigned long first_subordinate = 100000, subordinates = 65536;

std::vector<std::string> split(std::string_view line, char sign) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= line.size();) {
    auto end = std::min(line.find(sign, at), line.size());
    parts.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts, char sign) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += sign;
    out += parts[i];
  }
  return out;
}

std::optional<unsigned long> number(std::string_view text) {
  unsigned long value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<void> check_account_name(std::string_view name) {
  auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= 31 && std::all_of(name.begin(), name.end(), good) && name[0] != '-' &&
      !(name[0] >= '0' && name[0] <= '9'))
    return {};
  return fail(Kind::usage, "first-boot.name",
              fmt::format("\"{}\" is no name of a user or group", shown(name)),
              "small letters, digits, _ and -, at most 31, a letter or _ first");
}

Result<Accounts> Accounts::read(const Tree& tree) {
  Accounts accounts;
  std::pair<const char*, File*> files[] = {
      {"etc/passwd", &accounts.passwd_}, {"etc/group", &accounts.group_},
      {"etc/shadow", &accounts.shadow_}, {"etc/gshadow", &accounts.gshadow_},
      {"etc/subuid", &accounts.subuid_}, {"etc/subgid", &accounts.subgid_}};
  for (auto [path, file] : files) {
    PHOTON_TRY(auto text, tree.read(path));
    file->text = text.value_or("");
    for (std::size_t at = 0; at < file->text.size();) {
      auto end = std::min(file->text.find('\n', at), file->text.size());
      file->rows.push_back(split(std::string_view(file->text).substr(at, end - at), ':'));
      at = end + 1;
    }
  }
  if (accounts.passwd_.rows.empty())
    return fail(Kind::not_found, "first-boot.accounts", "the system has no /etc/passwd",
                "--root names the root of an installed system");
  return accounts;
}

const std::vector<std::string>* Accounts::find(const File& file, std::string_view name) {
  auto found =
      std::find_if(file.rows.begin(), file.rows.end(), [&](const auto& row) { return row[0] == name; });
  return found == file.rows.end() ? nullptr : &*found;
}

std::optional<uid_t> Accounts::uid_of(std::string_view name) const {
  const auto* row = find(passwd_, name);
  if (!row || row->size() < 4) return std::nullopt;
  auto value = number((*row)[2]);
  return value ? std::optional<uid_t>(static_cast<uid_t>(*value)) : std::nullopt;
}

std::optional<gid_t> Accounts::gid_of(std::string_view name) const {
  const auto* row = find(group_, name);
  if (!row || row->size() < 3) return std::nullopt;
  auto value = number((*row)[2]);
  return value ? std::optional<gid_t>(static_cast<gid_t>(*value)) : std::nullopt;
}

/// Free as a user's and as a group's number: a group of one's own has the same.
unsigned Accounts::free_number(bool system) const {
  std::set<unsigned long> taken;
  for (const auto* file : {&passwd_, &group_})
    for (const auto& row : file->rows)
      if (row.size() > 2) taken.insert(number(row[2]).value_or(0));
  unsigned from = system ? first_system : first_user, to = system ? first_user : last_user;
  for (unsigned at = from; at < to; ++at)
    if (!taken.contains(at)) return at;
  return to;
}

Result<gid_t> Accounts::add_group(const std::string& name, std::optional<gid_t> wanted, bool system) {
  if (auto there = gid_of(name)) return *there;
  PHOTON_CHECK(check_account_name(name));
  auto gid = wanted.value_or(free_number(system));
  auto text = std::to_string(gid);
  for (const auto& row : group_.rows)
    if (row.size() > 2 && row[2] == text)
      return fail(Kind::conflict, "first-boot.number",
                  fmt::format("the number {} is that of the group {}", gid, row[0]));
  group_.rows.push_back({name, "x", text, ""});
  if (!find(gshadow_, name)) gshadow_.rows.push_back({name, "*", "", ""});
  return gid;
}

Result<void> Accounts::ensure_group(const std::string& name) {
  PHOTON_CHECK(add_group(name, std::nullopt, false));
  return {};
}

void Accounts::join(const std::string& group, const std::string& user) {
  for (auto* file : {&group_, &gshadow_})
    for (auto& row : file->rows) {
      if (row[0] != group || row.size() < 4) continue;
      auto members = row[3].empty() ? std::vector<std::string>() : split(row[3], ',');
      if (std::find(members.begin(), members.end(), user) != members.end()) continue;
      members.push_back(user);
      row[3] = joined(members, ',');
    }
}

/// What containers without root are made of: numbers that are nobody else's.
void Accounts::give_subordinates(File& file, const std::string& user) {
  unsigned long next = first_subordinate;
  for (const auto& row : file.rows) {
    if (row[0] == user) return;
    if (row.size() > 2) next = std::max(next, number(row[1]).value_or(0) + number(row[2]).value_or(0));
  }
  file.rows.push_back({user, std::to_string(next), std::to_string(subordinates)});
}

Result<Account> Accounts::ensure(const User& user, std::vector<std::string>& missing) {
  PHOTON_CHECK(check_account_name(user.name));
  Account account;
  if (const auto* there = find(passwd_, user.name)) {
    auto uid = uid_of(user.name);
    if (!uid || there->size() < 7 || !number((*there)[3]))
      return fail(Kind::corrupt, "first-boot.accounts",
                  fmt::format("the line of {} in /etc/passwd is broken", user.name));
    if (*uid < first_user && !user.system)
      return fail(Kind::conflict, "first-boot.user", fmt::format("{} is a user of the system", user.name));
    account = {*uid, static_cast<gid_t>(*number((*there)[3])), (*there)[5], false};
  } else {
    account.made = true;
    account.home = user.home.empty() ? "/home/" + user.name : user.home;
    account.uid = user.uid.value_or(free_number(user.system));
    if (account.uid == 0 || (account.uid < first_user && !user.system))
      return fail(Kind::conflict, "first-boot.number",
                  fmt::format("the number {} is one of the system's", account.uid));
    for (const auto& row : passwd_.rows)
      if (row.size() > 2 && row[2] == std::to_string(account.uid))
        return fail(Kind::conflict, "first-boot.number",
                    fmt::format("the number {} is that of {}", account.uid, row[0]));
    if (user.primary_group.empty()) {
      // The same number for the group where it is free; where the group is there, that one.
      bool taken = std::any_of(group_.rows.begin(), group_.rows.end(), [&](const auto& row) {
        return row.size() > 2 && row[2] == std::to_string(account.uid);
      });
      PHOTON_TRY(account.gid,
                 add_group(user.name, taken ? std::nullopt : std::optional(account.uid), user.system));
    } else if (auto gid = gid_of(user.primary_group)) {
      account.gid = *gid;
    } else {
      return fail(Kind::not_found, "first-boot.group",
                  fmt::format("there is no group \"{}\"", shown(user.primary_group)));
    }
    if (!find(shadow_, user.name))
      shadow_.rows.push_back({user.name, user.password.value_or("*"), "", "", "", "", "", "", ""});
    passwd_.rows.push_back({user.name, "x", std::to_string(account.uid), std::to_string(account.gid),
                            user.gecos, account.home, user.shell});
  }
  if (!user.system) {
    give_subordinates(subuid_, user.name);
    give_subordinates(subgid_, user.name);
  }
  for (const auto& group : user.groups) {
    if (find(group_, group))
      join(group, user.name);
    else
      missing.push_back(group);
  }
  return account;
}

Result<void> Accounts::write(const Tree& tree) const {
  // shadow's group reads it, as the system's own programs have it.
  auto shadow_group = gid_of("shadow").value_or(0);
  const Attributes open{0644, 0, 0}, secret{0640, 0, shadow_group};
  struct Step {
    const char* path;
    const File& file;
    const Attributes& attributes;
  };
  // passwd is the last: a user is there when all that belongs to it is.
  const Step steps[] = {{"etc/subuid", subuid_, open},   {"etc/subgid", subgid_, open},
                        {"etc/group", group_, open},     {"etc/gshadow", gshadow_, secret},
                        {"etc/shadow", shadow_, secret}, {"etc/passwd", passwd_, open}};
  for (const auto& step : steps) {
    std::string text;
    for (const auto& row : step.file.rows) text += joined(row, ':') + "\n";
    if (text != step.file.text) PHOTON_CHECK(tree.write(step.path, text, step.attributes));
  }
  return {};
}

Result<void> make_home(const Tree& tree, const Account& account) {
  if (tree.exists(account.home)) return {};
  const Attributes own{0700, account.uid, account.gid};
  auto slash = account.home.rfind('/');
  if (slash != std::string::npos && slash > 0)
    PHOTON_CHECK(tree.make_folder(account.home.substr(0, slash), {0755, 0, 0}));
  PHOTON_CHECK(tree.make_folder(account.home, own));
  for (const char* name : {".bashrc", ".profile", ".bash_logout"}) {
    PHOTON_TRY(auto text, tree.read(std::string("etc/skel/") + name));
    if (text)
      PHOTON_CHECK(
          tree.write(account.home + "/" + name, *text, {0644, account.uid, account.gid}, Links::none));
  }
  return {};
}

}  // namespace photon::first_boot
