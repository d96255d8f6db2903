#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

constexpr auto example = R"("type=volume,source=data,target=/data")";

/// Cuts at commas; a part in double quotes may hold one: "source=/a,b",target=/c
std::vector<std::string> csv(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      bool doubled = quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (doubled)
        parts.back() += text[i++];
      else
        quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

/// A volume's name becomes a folder's: no path may hide in it.
bool is_volume_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return name.size() <= 200 && name.find_first_not_of(allowed) == name.npos &&
         std::string_view("_.-").find(name[0]) == std::string_view::npos;
}

bool yes(std::string_view text) { return text.empty() || text == "true" || text == "1"; }

void set(PlanMount& mount, const std::string& name, const std::string& value) {
  if (name == "type")
    mount.type = value;
  else if (name == "source" || name == "src")
    mount.source = value;
  else if (name == "target" || name == "dst" || name == "destination")
    mount.target = value;
  else if (name == "readonly" || name == "ro")
    mount.read_only = yes(value);
  else if (!name.empty())
    mount.options[name] = value;
}

/// Those that act, and those that only other machines need: caches of shared folders, labels of SELinux.
bool is_known(std::string_view option) {
  for (std::string_view known : {"bind-propagation", "tmpfs-size", "tmpfs-mode", "consistency", "cached",
                                 "delegated", "consistent", "z", "Z", "rw"})
    if (option == known) return true;
  return false;
}

Result<PlanMount> checked(PlanMount mount, const Node& node, std::string_view property,
                          const Reading& reading) {
  auto wrong = [&](std::string message, std::string hint) {
    return fail_at(node.place(reading.file), Kind::usage, "spec.mount",
                   fmt::format("\"{}\": {}", property, message), std::move(hint));
  };
  if (mount.type.empty()) mount.type = "volume";
  if (mount.type != "bind" && mount.type != "volume" && mount.type != "tmpfs")
    return wrong(fmt::format("there is no mount of type \"{}\"", shown(mount.type)), "bind, volume or tmpfs");
  if (!mount.target.starts_with('/'))
    return wrong(mount.target.empty() ? "a mount without a target"
                                      : fmt::format("the target \"{}\" is not absolute", shown(mount.target)),
                 fmt::format("for example {}", example));
  if (mount.type == "bind" && !mount.source.starts_with('/'))
    return wrong(fmt::format("the source \"{}\" of a bind mount is not absolute", shown(mount.source)),
                 "${localWorkspaceFolder}/… begins at this folder");
  if (mount.type == "volume" && !mount.source.empty() && !is_volume_name(mount.source))
    return wrong(fmt::format("\"{}\" is no name of a volume", shown(mount.source)),
                 "letters and digits, then also _ . and -; a folder is mounted by type=bind");
  for (const auto& [name, value] : mount.options)
    if (!is_known(name))
      reading.warn(node, fmt::format("\"{}\": the mount option \"{}\" has no effect", property, shown(name)));
  return mount;
}

}  // namespace

Result<PlanMount> mount_of(const Node& node, std::string_view property, const Reading& reading) {
  PlanMount mount;
  if (node.type == Node::Type::text) {
    for (const auto& part : csv(node.text)) {
      auto equals = part.find('=');
      set(mount, part.substr(0, equals), equals == part.npos ? "" : part.substr(equals + 1));
    }
  } else if (node.type == Node::Type::object) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto& item = node.items[i];
      if (item.type == Node::Type::flag)
        set(mount, node.keys[i].name, item.flag ? "true" : "false");
      else if (item.type == Node::Type::text)
        set(mount, node.keys[i].name, item.text);
      else
        return reading.wrong(item, property, "a mount",
                             R"({"type": "volume", "source": "data", "target": "/data"})");
    }
  } else {
    return reading.wrong(node, property, "a mount", example);
  }
  return checked(std::move(mount), node, property, reading);
}

Result<PlanMount> volume_of(const Node& node, std::string_view text, const Reading& reading) {
  PlanMount mount;
  auto colon = text.find(':');
  // One path alone is an anonymous volume.
  mount.target = text.substr(colon == text.npos ? 0 : colon + 1);
  if (colon != text.npos) mount.source = text.substr(0, colon);
  if (auto second = mount.target.find(':'); second != std::string::npos) {
    for (const auto& option : csv(std::string_view(mount.target).substr(second + 1))) {
      if (option == "ro")
        mount.read_only = true;
      else if (option != "rw" && !option.empty())
        mount.options[option] = "";
    }
    mount.target.resize(second);
  }
  mount.type = mount.source.starts_with('/') || mount.source.starts_with('.') ? "bind" : "volume";
  return checked(std::move(mount), node, "runArgs", reading);
}

void add_mount(std::vector<PlanMount>& mounts, PlanMount mount) {
  // The winner keeps its own place: the one before it goes.
  std::erase_if(mounts, [&](const PlanMount& other) { return other.target == mount.target; });
  mounts.push_back(std::move(mount));
}

}  // namespace photon::spec
