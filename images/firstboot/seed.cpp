#include "images/firstboot/seed.hpp"

#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"
#include "images/firstboot/apply.hpp"
#include "images/firstboot/faults.hpp"
#include "images/firstboot/readers.hpp"
#include "images/firstboot/system.hpp"

namespace photon::first_boot {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr const char* done_file = "var/lib/photon/first-boot/instance";

Result<std::string> part(const std::string& folder, const char* name) {
  auto text = read_file(folder + "/" + name, most_bytes);
  if (text || text.error().kind != Kind::not_found) return text;
  return std::string();
}

Result<void> apply_folder(const Tree& tree, const std::string& folder, const Source& source,
                          Journal& journal) {
  PHOTON_TRY(auto seed, read_seed(folder, source));
  return apply_seed(tree, seed, journal);
}

}  // namespace

std::optional<Source> source_from(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find_first_of(" \t\n", at), text.size());
    auto word = text.substr(at, end - at);
    at = end + 1;
    if (word != "ds=nocloud" && !word.starts_with("ds=nocloud;") && word != "ds=nocloud-net" &&
        !word.starts_with("ds=nocloud-net;"))
      continue;
    Source source;
    for (auto semicolon = word.find(';'); semicolon != word.npos;) {
      auto next = word.find(';', semicolon + 1);
      auto item = word.substr(semicolon + 1, next == word.npos ? word.npos : next - semicolon - 1);
      semicolon = next;
      auto sign = item.find('=');
      if (sign == item.npos) continue;
      auto key = item.substr(0, sign);
      auto value = std::string(item.substr(sign + 1));
      if (key == "i" || key == "instance-id")
        source.instance_id = value;
      else if (key == "h" || key == "local-hostname")
        source.host_name = value;
      else if (key == "s" || key == "seedfrom") {
        if (value.starts_with("file://")) value.erase(0, 7);
        if (value.starts_with('/'))
          source.folder = value;
        else
          source.refused = value;
      }
    }
    return source;
  }
  return std::nullopt;
}

Result<Seed> read_seed(const std::string& folder, const Source& source) {
  Seed seed;
  PHOTON_TRY(auto meta, part(folder, "meta-data"));
  PHOTON_TRY(auto user, part(folder, "user-data"));
  PHOTON_TRY(auto network, part(folder, "network-config"));
  PHOTON_TRY(auto vendor, part(folder, "vendor-data"));
  PHOTON_TRY(auto data, read_meta_data(meta, "meta-data", seed.plan));
  PHOTON_CHECK(read_user_data(user, "user-data", seed.plan));
  if (!network.empty()) PHOTON_CHECK(read_network_config(network, "network-config", seed.plan));
  if (trimmed(vendor).size() > 0) leave_out(seed.plan, {"vendor-data", 1, 1}, "vendor-data is not read");
  if (!source.host_name.empty()) data.host_name = source.host_name;
  if (!source.instance_id.empty()) data.instance_id = source.instance_id;
  if (!seed.plan.host_name && !data.host_name.empty()) seed.plan.host_name = data.host_name;
  if (!data.keys.empty()) {
    auto is_default = [](const WantedUser& one) { return one.is_default; };
    auto found = std::find_if(seed.plan.users.begin(), seed.plan.users.end(), is_default);
    if (found == seed.plan.users.end())
      found = seed.plan.users.insert(seed.plan.users.begin(),
                                     WantedUser{.user = default_user(), .is_default = true});
    found->keys.insert(found->keys.end(), data.keys.begin(), data.keys.end());
  }
  // Without a name for the instance, other data is another one.
  seed.instance_id =
      data.instance_id.empty() ? sha256_digest(meta + '\0' + user + '\0' + network) : data.instance_id;
  return seed;
}

Result<void> apply_seed(const Tree& tree, const Seed& seed, Journal& journal) {
  auto line = shown(seed.instance_id, 200) + "\n";
  PHOTON_TRY(auto done, tree.read(done_file));
  if (done == line) return {};
  journal.info(fmt::format("instance {}", shown(seed.instance_id)));
  auto result = apply(tree, seed.plan, journal);
  // A wish that cannot be granted will not be granted at the next start either; a power cut before this line
  // begins anew.
  PHOTON_CHECK(tree.write(done_file, line, {0644, 0, 0}));
  return result;
}

Result<void> apply_local_seeds(const Tree& tree, Journal& journal) {
  Faults faults(journal);
  for (const char* place : {"/proc/cmdline", "/sys/class/dmi/id/product_serial"}) {
    auto text = read_file(place, 1 << 16);
    auto source = text ? source_from(*text) : std::nullopt;
    if (!source) continue;
    if (!source->refused.empty())
      journal.warning(fmt::format("{}: {} is not fetched: seeds are read from disks, folders and credentials",
                                  place, shown(source->refused)));
    if (!source->folder.empty())
      faults.take(apply_folder(tree, source->folder, *source, journal));
    else if (!source->host_name.empty())
      faults.take(set_host_name(tree, source->host_name, journal));
  }
  for (const char* folder : {"/var/lib/cloud/seed/nocloud", "/var/lib/cloud/seed/nocloud-net"}) {
    std::error_code error;
    if (std::filesystem::exists(std::string(folder) + "/meta-data", error))
      faults.take(apply_folder(tree, folder, {}, journal));
  }
  return std::move(faults).first();
}

Result<void> apply_mounted(const Tree& tree, const std::string& folder, Journal& journal) {
  auto cmdline = read_file("/proc/cmdline", 1 << 16);
  auto source = cmdline ? source_from(*cmdline) : std::nullopt;
  return apply_folder(tree, folder, source.value_or(Source{}), journal);
}

}  // namespace photon::first_boot
