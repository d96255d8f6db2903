// What a service sees of this machine: volumes, folders, memory, devices, ports.
#include <array>

#include "devenv/compose/merge.hpp"
#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

bool is_path(const std::string& source) {
  return source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
}

Result<std::string> bound_source(const std::string& source, const Node& node, const Reading& reading) {
  if (!source.starts_with('~')) return absolute(source, reading.folder_of(node));
  auto home = reading.lookup("HOME");
  if (!home || (source.size() > 1 && source[1] != '/'))
    return reading.wrong(node, "volumes", "without another user's ~", "write the whole path");
  return absolute(*home + source.substr(1), "/");
}

Result<void> must_be_target(const Mount& mount, const Node& node, const Reading& reading) {
  if (mount.target.starts_with('/')) return {};
  return reading.wrong(node, "volumes", fmt::format("absolute inside: \"{}\" is not", shown(mount.target)),
                       "./data:/data");
}

Result<void> option(const std::string& word, const Node& node, const Reading& reading, Mount& mount) {
  constexpr std::array<std::string_view, 8> idle{"rw",        "z",          "Z",      "cached",
                                                 "delegated", "consistent", "nocopy", "copy"};
  constexpr std::array<std::string_view, 6> propagations{"shared", "rshared", "slave",
                                                         "rslave", "private", "rprivate"};
  if (word == "ro") {
    mount.read_only = true;
  } else if (std::find(propagations.begin(), propagations.end(), word) != propagations.end()) {
    mount.options["bind-propagation"] = word;
  } else if (std::find(idle.begin(), idle.end(), word) == idle.end()) {
    return reading.wrong(node, "volumes", fmt::format("without the option \"{}\"", shown(word)),
                         "ro, rw, z, cached and the like are known");
  }
  return {};
}

Result<Mount> from_text(const Node& node, const Reading& reading) {
  auto parts = short_volume(node.text);
  Mount mount;
  mount.where = node.where;
  mount.target = parts.target;
  mount.type = is_path(parts.source) ? "bind" : "volume";
  PHOTON_CHECK(must_be_target(mount, node, reading));
  if (mount.type == "bind") {
    PHOTON_TRY(mount.source, bound_source(parts.source, node, reading));
    mount.create = true;
  } else {
    mount.source = parts.source;
  }
  std::string_view rest = parts.options;
  while (!rest.empty()) {
    auto end = rest.find(',');
    PHOTON_CHECK(option(std::string(rest.substr(0, end)), node, reading, mount));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  return mount;
}

Result<void> tmpfs_size(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_TRY(auto bytes, reading.bytes(node, name));
  if (bytes > 0) mount.options["tmpfs-size"] = fmt::format("{}", bytes);
  return {};
}
Result<void> tmpfs_mode(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_TRY(mount.options["tmpfs-mode"], reading.text(node, name));
  return {};
}
Result<void> propagation(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_TRY(auto word, reading.text(node, name));
  return option(word, node, reading, mount);
}

constexpr std::array bind_members{
    known<Mount>("propagation", propagation), known<Mount>("create_host_path", read_flag<&Mount::create>),
    idle<Mount>("selinux"), refused<Mount>("recursive", "what is mounted below comes along")};
constexpr std::array tmpfs_members{known<Mount>("size", tmpfs_size), known<Mount>("mode", tmpfs_mode)};
constexpr std::array volume_members{idle<Mount>("nocopy"), idle<Mount>("labels"),
                                    refused<Mount>("subpath", "mount the whole volume")};

Result<void> bind_part(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "bind.", bind_members, reading, mount);
}
Result<void> tmpfs_part(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "tmpfs.", tmpfs_members, reading, mount);
}
Result<void> volume_part(const Node& node, std::string_view name, const Reading& reading, Mount& mount) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "volume.", volume_members, reading, mount);
}

constexpr std::array mount_members{known<Mount>("type", read_text<&Mount::type>),
                                   known<Mount>("source", read_text<&Mount::source>),
                                   known<Mount>("target", read_text<&Mount::target>),
                                   known<Mount>("read_only", read_flag<&Mount::read_only>),
                                   idle<Mount>("consistency"),
                                   known<Mount>("bind", bind_part),
                                   known<Mount>("tmpfs", tmpfs_part),
                                   known<Mount>("volume", volume_part),
                                   refused<Mount>("image", "volumes of images are not known here")};

Result<Mount> from_map(const Node& node, const Reading& reading) {
  Mount mount;
  mount.where = node.where;
  PHOTON_CHECK(reading.must_be_map(node, "volumes"));
  PHOTON_CHECK(read_members(node, "volumes.", mount_members, reading, mount));
  if (mount.type != "bind" && mount.type != "volume" && mount.type != "tmpfs")
    return reading.wrong(node, "volumes.type", "bind, volume or tmpfs");
  PHOTON_CHECK(must_be_target(mount, node, reading));
  if (mount.type == "bind" && mount.source.empty())
    return reading.wrong(node, "volumes.source", "the folder that is bound");
  if (mount.type == "bind") {
    PHOTON_TRY(mount.source, bound_source(mount.source, node, reading));
  }
  return mount;
}

/// 8080-8090 or 8080.
std::optional<std::pair<unsigned, unsigned>> range_of(std::string_view text) {
  auto dash = text.find('-');
  auto from = digits(text.substr(0, dash), 65535);
  auto to = dash == text.npos ? from : digits(text.substr(dash + 1), 65535);
  if (!from || !to || *from == 0 || *to < *from) return std::nullopt;
  return std::pair{static_cast<unsigned>(*from), static_cast<unsigned>(*to)};
}

struct PortText {
  std::string target;
  std::string published;
  std::string protocol = "tcp";
  std::string host_ip;
  std::string mode;
};
constexpr std::array port_members{known<PortText>("target", read_text<&PortText::target>),
                                  known<PortText>("published", read_text<&PortText::published>),
                                  known<PortText>("protocol", read_text<&PortText::protocol>),
                                  known<PortText>("host_ip", read_text<&PortText::host_ip>),
                                  idle<PortText>("mode"),
                                  idle<PortText>("name"),
                                  idle<PortText>("app_protocol")};

/// [IP:][PUBLISHED:]TARGET[/PROTOCOL]
PortText divided(std::string text) {
  PortText parts;
  if (auto slash = text.find('/'); slash != text.npos) {
    parts.protocol = text.substr(slash + 1);
    text.resize(slash);
  }
  auto last = text.rfind(':');
  parts.target = last == text.npos ? text : text.substr(last + 1);
  if (last == text.npos) return parts;
  text.resize(last);
  auto before = text.rfind(':');
  parts.published = before == text.npos ? text : text.substr(before + 1);
  if (before != text.npos) parts.host_ip = text.substr(0, before);
  return parts;
}

Result<void> one_port(const Node& node, const Reading& reading, Service& service) {
  PortText text;
  if (node.is_text()) {
    text = divided(node.text);
  } else {
    PHOTON_CHECK(reading.must_be_map(node, "ports"));
    PHOTON_CHECK(read_members(node, "ports.", port_members, reading, text));
  }
  if (text.protocol != "tcp")
    return reading.unsupported(node.where, fmt::format("ports: …/{}", text.protocol), "tcp is published");
  constexpr auto expected = "a port, or a range of them";
  constexpr auto hint = "8080:80, 8080-8081:80-81, 127.0.0.1:8080:80";
  auto target = range_of(text.target);
  if (!target) return reading.wrong(node, "ports", expected, hint);
  std::optional<std::pair<unsigned, unsigned>> published;
  if (!text.published.empty() && text.published != "0") {
    published = range_of(text.published);
    if (!published) return reading.wrong(node, "ports", expected, hint);
  }
  const auto count = target->second - target->first + 1;
  // A range for one port: any of it, and the first is one of it.
  if (published && count > 1 && published->second - published->first + 1 != count)
    return reading.wrong(node, "ports", "two ranges of the same length", hint);
  if (service.ports.size() + count > 1000) return reading.wrong(node, "ports", "at most 1000 ports");
  for (unsigned i = 0; i < count; ++i) {
    Port port{target->first + i, published ? published->first + i : 0, node.where};
    bool same = std::any_of(service.ports.begin(), service.ports.end(), [&](const Port& other) {
      return other.target == port.target && other.published == port.published;
    });
    if (!same) service.ports.push_back(port);
  }
  return {};
}

}  // namespace

Result<void> read_ports(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  if (!node.is_list()) return reading.wrong(node, name, "a list", "ports: [\"8080:80\"]");
  for (const auto& item : node.items) PHOTON_CHECK(one_port(item, reading, service));
  return {};
}

Result<void> read_volumes(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  if (!node.is_list()) return reading.wrong(node, name, "a list", "volumes: [\"./data:/data\"]");
  for (const auto& item : node.items) {
    auto mount = item.is_text() ? from_text(item, reading) : from_map(item, reading);
    if (!mount) return tl::unexpected(std::move(mount.error()));
    std::erase_if(service.mounts, [&](const Mount& other) { return other.target == mount->target; });
    service.mounts.push_back(std::move(*mount));
  }
  return {};
}

/// /run, or /run:size=64m,mode=1770
Result<void> read_tmpfs(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto all, reading.texts(node, name));
  for (const auto& text : all) {
    auto colon = text.find(':');
    Mount mount;
    mount.type = "tmpfs";
    mount.target = text.substr(0, colon);
    mount.where = node.where;
    if (!mount.target.starts_with('/')) return reading.wrong(node, name, "absolute paths", "tmpfs: /run");
    std::string_view rest = colon == text.npos ? "" : std::string_view(text).substr(colon + 1);
    while (!rest.empty()) {
      auto end = rest.find(',');
      auto word = rest.substr(0, end);
      auto equals = word.find('=');
      auto key = word.substr(0, equals);
      if ((key == "size" || key == "mode") && equals != word.npos)
        mount.options["tmpfs-" + std::string(key)] = word.substr(equals + 1);
      else if (key == "ro")
        mount.read_only = true;
      else if (key != "rw" && key != "noexec" && key != "nosuid" && key != "nodev" && key != "exec")
        return reading.wrong(node, name, fmt::format("without the option \"{}\"", shown(word)),
                             "size=64m and mode=1777 are known");
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    service.mounts.push_back(std::move(mount));
  }
  return {};
}

/// /dev/fuse, /dev/fuse:/dev/fuse:rwm, or a map of these parts.
Result<void> read_devices(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  static constexpr std::array members{known<Device>("source", read_text<&Device::source>),
                                      known<Device>("target", read_text<&Device::target>),
                                      known<Device>("permissions", read_text<&Device::access>)};
  if (!node.is_list()) return reading.wrong(node, name, "a list", "devices: [/dev/fuse]");
  for (const auto& item : node.items) {
    Device device;
    device.where = item.where;
    if (item.is_text()) {
      auto parts = short_volume(item.text);
      device.source = parts.source.empty() ? parts.target : parts.source;
      device.target = parts.target;
      if (!parts.options.empty()) device.access = parts.options;
    } else {
      PHOTON_CHECK(reading.must_be_map(item, name));
      PHOTON_CHECK(read_members(item, "devices.", members, reading, device));
      if (device.target.empty()) device.target = device.source;
    }
    bool good = device.access.find_first_not_of("rwm") == std::string::npos && !device.access.empty();
    if (!device.source.starts_with("/dev/") || !device.target.starts_with('/') || !good)
      return reading.wrong(item, name, "devices of this machine", "/dev/fuse:/dev/fuse:rwm");
    service.devices.push_back(std::move(device));
  }
  return {};
}

}  // namespace photon::compose
