// "#cloud-config": what of it a machine of ours does, and a word about each thing that it does not.
#include <algorithm>
#include <array>
#include <charconv>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "images/firstboot/system.hpp"
#include "images/firstboot/users.hpp"

namespace photon::first_boot {
namespace {

using yaml::Node;

constexpr std::size_t most_files = 1000;

std::optional<mode_t> mode_from(std::string_view text) {
  unsigned mode = 0;
  if (text.starts_with("0o")) text.remove_prefix(2);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || mode > 01777)
    return std::nullopt;
  return mode;
}

bool decode(WantedFile& file, const Node& encoding, Plan& plan) {
  auto name = text_of(encoding, "encoding", plan).value_or("");
  if (name == "text/plain") return true;
  if (name != "b64" && name != "base64") {
    leave_out(plan, encoding.where, fmt::format("the encoding \"{}\" is not supported", shown(name)), "b64");
    return false;
  }
  std::string packed;
  for (char c : file.content)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') packed += c;
  auto bytes = base64_decode(packed);
  if (!bytes) {
    leave_out(plan, file.where, "the content is not base64");
    return false;
  }
  file.content = std::move(*bytes);
  return true;
}

void read_file_wish(const Node& node, Plan& plan) {
  const auto* path = node.find("path");
  if (node.kind != Node::Kind::map || !path || path->kind != Node::Kind::text)
    return leave_out(plan, node.where, "a file has to have a path");
  WantedFile file{.path = path->text, .where = node.where};
  if (!file.path.starts_with('/') || !clean_path(file.path))
    return leave_out(plan, path->where, fmt::format("\"{}\" is no absolute path", shown(file.path)));
  const Node* encoding = nullptr;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& key = node.keys[i];
    const auto& value = node.items[i];
    if (key == "content")
      file.content = value.is_null() ? "" : text_of(value, key, plan).value_or("");
    else if (key == "encoding")
      encoding = &value;
    else if (key == "permissions") {
      auto mode = value.kind == Node::Kind::text ? mode_from(value.text) : std::nullopt;
      if (!mode)
        return leave_out(plan, value.where,
                         "permissions have to be octal and without set-uid, such as '0644'");
      file.mode = *mode;
    } else if (key == "owner") {
      auto text = text_of(value, key, plan).value_or("root:root");
      auto colon = text.find(':');
      file.owner = text.substr(0, colon);
      file.group = colon == text.npos ? "" : text.substr(colon + 1);
    } else if (key == "append")
      file.append = truth_of(value, key, plan, false);
    else if (key != "path" && key != "defer")
      leave_out(plan, node.key_places[i], fmt::format("\"{}\" of a file is not supported", shown(key)));
  }
  if (encoding && !decode(file, *encoding, plan)) return;
  if (plan.files.size() >= most_files)
    return leave_out(plan, node.where, fmt::format("these are more than {} files", most_files));
  plan.files.push_back(std::move(file));
}

void read_commands(const Node& node, std::string_view what, std::vector<WantedCommand>& commands,
                   Plan& plan) {
  if (node.is_null()) return;
  if (node.kind != Node::Kind::list)
    return leave_out(plan, node.where, fmt::format("{} has to be a list", what));
  for (const auto& one : node.items) {
    if (one.is_null()) continue;
    WantedCommand command;
    if (one.kind == Node::Kind::list)
      command.words = texts_of(one, what, plan);
    else if (auto text = text_of(one, fmt::format("each of {}", what), plan))
      command.line = std::move(*text);
    if (command.words.size() == one.items.size() && !(command.words.empty() && command.line.empty()))
      commands.push_back(std::move(command));
  }
}

void read_groups(const Node& node, Plan& plan) {
  auto add = [&](const std::string& name, const Place& where) {
    if (auto good = check_account_name(name))
      plan.groups.push_back(name);
    else
      leave_out(plan, where, good.error().message, good.error().hint);
  };
  if (node.kind != Node::Kind::list) return leave_out(plan, node.where, "groups has to be a list");
  for (const auto& one : node.items) {
    if (one.kind == Node::Kind::text) {
      add(one.text, one.where);
      continue;
    }
    for (std::size_t i = 0; i < one.keys.size(); ++i) {
      add(one.keys[i], one.key_places[i]);
      if (!one.items[i].is_null())
        leave_out(plan, one.items[i].where, "members of a group are not supported", "groups of a user");
    }
  }
}

/// A word in a path below a folder, or a value of a settings file.
std::optional<std::string> plain(const Node& value, const std::string& key, std::string_view more,
                                 Plan& plan) {
  auto text = text_of(value, key, plan);
  bool good = text && !text->empty() && text->size() < 100 && text->find("..") == text->npos &&
              (*text)[0] != '/' &&
              std::all_of(
                  text->begin(), text->end(),
                  [&](unsigned char c) { return std::isalnum(c) || more.find(char(c)) != more.npos; });
  if (good) return text;
  if (text) leave_out(plan, value.where, fmt::format("{} cannot be \"{}\"", key, shown(*text)));
  return std::nullopt;
}

struct ConfigReader {
  Plan& plan;
  std::vector<std::string> keys{};
  Place keys_place{};
  bool users_said = false, keep_name = false, prefer_fqdn = false;
  std::string host{}, fqdn{};

  void host_name(const Node& value, const std::string& key, std::string& target) {
    auto text = text_of(value, key, plan);
    if (!text) return;
    if (auto good = check_host_name(*text))
      target = *text;
    else
      leave_out(plan, value.where, good.error().message, good.error().hint);
  }

  /// What would let passwords or root in.
  bool refused(const std::string& key, const Place& place, const Node& value) {
    if (key == "ssh_pwauth") {
      if (value.truth() != false && !value.is_null() && value.text != "unchanged")
        leave_out(plan, place, "SSH takes keys alone", "ssh_authorized_keys");
    } else if (key == "disable_root") {
      if (value.truth() == false)
        leave_out(plan, place, "root does not log in", "a user in group wheel acts as root by sudo");
    } else if (key == "password" || key == "chpasswd") {
      leave_out(plan, place, fmt::format("\"{}\" is refused: no password is set this way", key),
                "hashed_passwd and lock_passwd: false of a user");
    } else {
      return false;
    }
    return true;
  }

  void key(const std::string& key, const Place& place, const Node& value) {
    if (refused(key, place, value)) return;
    if (key == "hostname")
      host_name(value, key, host);
    else if (key == "fqdn")
      host_name(value, key, fqdn);
    else if (key == "prefer_fqdn_over_hostname")
      prefer_fqdn = truth_of(value, key, plan, false);
    else if (key == "preserve_hostname")
      keep_name = truth_of(value, key, plan, false);
    else if (key == "users")
      users_said = true, read_users(value, plan);
    else if (key == "groups")
      read_groups(value, plan);
    else if (key == "ssh_authorized_keys")
      keys = keys_of(value, plan), keys_place = place;
    else if (key == "write_files") {
      if (value.kind != Node::Kind::list) return leave_out(plan, value.where, "write_files has to be a list");
      for (const auto& one : value.items) read_file_wish(one, plan);
    } else if (key == "runcmd")
      read_commands(value, key, plan.commands, plan);
    else if (key == "bootcmd")
      read_commands(value, key, plan.boot_commands, plan);
    else if (key == "timezone")
      plan.time_zone = plain(value, key, "/_+-", plan);
    else if (key == "locale")
      plan.locale = plain(value, key, "_.@-", plan);
    else if (key == "growpart" || key == "resize_rootfs")
      return;  // the image grows by itself
    else if (key == "packages" || key == "package_update" || key == "package_upgrade" ||
             key == "package_reboot_if_required")
      leave_out(plan, place, fmt::format("\"{}\" is not supported", key), "runcmd, with dnf or pkg");
    else
      leave_out(plan, place, fmt::format("\"{}\" is not supported", shown(key)));
  }

  void end() {
    if (!users_said && !keys.empty())
      plan.users.insert(plan.users.begin(), {.user = default_user(), .is_default = true});
    auto user = std::find_if(plan.users.begin(), plan.users.end(),
                             [](const WantedUser& one) { return one.is_default; });
    if (user != plan.users.end())
      user->keys.insert(user->keys.end(), keys.begin(), keys.end());
    else if (!keys.empty())
      leave_out(plan, keys_place,
                "ssh_authorized_keys are those of the default user, whom users does not name",
                "a line \"- default\" in users");
    auto name = !host.empty() && !prefer_fqdn ? host : !fqdn.empty() ? fqdn : host;
    if (!name.empty() && !keep_name) plan.host_name = name;
  }
};

}  // namespace

Result<void> read_user_data(std::string_view text, std::string_view file, Plan& plan) {
  const Place top{std::string(file), 1, 1};
  if (text.find_first_not_of(" \t\r\n") == text.npos) return {};
  if (text.starts_with("#!")) {
    plan.script = text;
    return {};
  }
  auto first = text.substr(0, text.find('\n'));
  while (!first.empty() && (first.back() == '\r' || first.back() == ' ')) first.remove_suffix(1);
  if (first != "#cloud-config") {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kinds = {
        {{"\x1f\x8b", "compressed"},
         {"Content-Type:", "of several parts (MIME)"},
         {"MIME-Version:", "of several parts (MIME)"},
         {"#include", "a list of addresses"},
         {"## template:", "a template"},
         {"#cloud-config-", "of a kind that is not read"},
         {"#cloud-boothook", "a boot hook"}}};
    for (const auto& [begin, kind] : kinds)
      if (text.starts_with(begin)) {
        leave_out(plan, top, fmt::format("user-data that is {} is not supported", kind),
                  "a file that begins with #cloud-config or #!");
        return {};
      }
    leave_out(plan, top, "user-data is of no kind that is known",
              "its first line has to be #cloud-config, or begin with #!");
    return {};
  }
  PHOTON_TRY(auto root, yaml::parse(text, file));
  if (root.is_null()) return {};
  if (root.kind != Node::Kind::map)
    return fail_at(root.where, Kind::usage, "first-boot.user-data", "user-data has to be keys and values");
  ConfigReader reader{.plan = plan};
  for (std::size_t i = 0; i < root.keys.size(); ++i)
    reader.key(root.keys[i], root.key_places[i], root.items[i]);
  reader.end();
  return {};
}

}  // namespace photon::first_boot
