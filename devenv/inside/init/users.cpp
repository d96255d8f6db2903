#include "devenv/inside/init/users.hpp"

#include <charconv>

namespace photon::inside {
namespace {

std::vector<std::string_view> split(std::string_view line, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    auto at = line.find(by);
    parts.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return parts;
    line.remove_prefix(at + 1);
  }
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // The last id means "unchanged" to the kernel and is nobody's.
  if (error != std::errc() || end != text.data() + text.size() || value == UINT32_MAX) return std::nullopt;
  return value;
}

// An image without these files has root alone: that is no error.
std::string content(const std::string& path) { return read_file(path).value_or(""); }

std::optional<User> passwd_entry(const std::string& text, std::string_view name,
                                 std::optional<std::uint32_t> uid) {
  std::optional<User> by_number;
  for (auto line : split(text, '\n')) {
    auto fields = split(line, ':');
    if (fields.size() < 7) continue;
    auto id = number(fields[2]);
    auto group = number(fields[3]);
    if (!id || !group) continue;
    User user{*id, *group, {}, std::string(fields[0]), std::string(fields[5]), std::string(fields[6])};
    if (fields[0] == name) return user;
    if (uid && *id == *uid && !by_number) by_number = std::move(user);
  }
  return by_number;
}

void add_groups(User& user, const std::string& text) {
  user.groups.push_back(user.gid);
  for (auto line : split(text, '\n')) {
    auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    auto id = number(fields[2]);
    auto members = split(fields[3], ',');
    if (!id || std::find(members.begin(), members.end(), user.name) == members.end()) continue;
    if (std::find(user.groups.begin(), user.groups.end(), *id) == user.groups.end())
      user.groups.push_back(*id);
  }
}

}  // namespace

std::optional<std::uint32_t> find_group(std::string_view name, const std::string& group) {
  std::string text = content(group);
  for (auto line : split(text, '\n')) {
    auto fields = split(line, ':');
    if (fields.size() >= 3 && fields[0] == name) return number(fields[2]);
  }
  return std::nullopt;
}

Result<std::uint32_t> group_of(std::string_view text, const std::string& group) {
  auto gid = number(text);
  if (!gid) gid = find_group(text, group);
  if (gid) return *gid;
  return fail(Kind::not_found, "inside.group", fmt::format("the environment has no group \"{}\"", text),
              "name a group of its /etc/group");
}

Result<User> find_user(std::string_view text, const std::string& passwd, const std::string& group) {
  auto colon = text.find(':');
  std::string_view name = text.substr(0, colon);
  if (name.empty()) name = "root";
  auto uid = name == "root" ? std::optional<std::uint32_t>(0) : number(name);
  auto found = passwd_entry(content(passwd), name, uid);
  if (!found && !uid)
    return fail(Kind::not_found, "inside.user", fmt::format("the environment has no user \"{}\"", name),
                "name a user of its /etc/passwd in remoteUser");
  User user = found.value_or(User{uid.value_or(0), 0, {}, std::string(name), uid == 0u ? "/root" : "/", ""});
  if (colon != std::string_view::npos) {
    PHOTON_TRY(user.gid, group_of(text.substr(colon + 1), group));
  }
  add_groups(user, content(group));
  if (user.home.empty()) user.home = "/";
  if (user.shell.empty()) user.shell = "/bin/sh";
  return user;
}

}  // namespace photon::inside
