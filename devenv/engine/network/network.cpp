#include "devenv/engine/network/network.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "devenv/core/undo.hpp"
#include "devenv/engine/network/addresses.hpp"
#include "devenv/engine/network/nat.hpp"
#include "devenv/engine/network/netlink.hpp"
#include "devenv/engine/network/netns.hpp"
#include "devenv/engine/network/resolv.hpp"
#include "devenv/engine/network/uplink.hpp"

namespace photon::network {
namespace {

constexpr const char* inner_link = "eth0";
constexpr const char* machine_file = "/etc/resolv.conf";
constexpr const char* resolved_file = "/run/systemd/resolve/resolv.conf";

bool good_id(const std::string& id) {
  return !id.empty() && id.size() <= 128 && id[0] != '.' && id.find('/') == id.npos &&
         id.find('\0') == id.npos;
}

// Locally administered, and the same each time: a bridge without one takes its ports' and changes with them.
std::array<std::uint8_t, 6> bridge_address(const std::string& bridge) {
  std::uint32_t hash = hash_of(bridge);
  return {0x02,
          0x87,
          static_cast<std::uint8_t>(hash >> 24),
          static_cast<std::uint8_t>(hash >> 16),
          static_cast<std::uint8_t>(hash >> 8),
          static_cast<std::uint8_t>(hash)};
}

class OurNetwork : public Network {
 public:
  OurNetwork(Options options, Subnet subnet)
      : options_(std::move(options)),
        subnet_(subnet),
        addresses_(options_.folder + "/addresses", subnet),
        uplink_(options_.folder, uplink_hub) {}

  Result<void> open();
  Result<Attachment> attach(const std::string& id) override;
  Result<void> detach(const std::string& id) override;
  Result<std::vector<Attachment>> list() override;
  Result<std::string> resolv_conf() override;
  std::string outbound_problem() override;
  Result<void> shut_down() override;

 private:
  [[nodiscard]] std::string netns_folder() const { return options_.folder + "/netns"; }
  [[nodiscard]] std::string netns_of(const std::string& id) const { return netns_folder() + "/" + id; }
  // Unique among the bridges of one network namespace, and within IFNAMSIZ.
  [[nodiscard]] std::string link_of(std::uint32_t address) const {
    return fmt::format("ve{:06x}{:06x}", hash_of(options_.bridge) & 0xffffff, address & 0xffffff);
  }
  [[nodiscard]] Attachment describe(const std::string& id, std::optional<std::uint32_t> address) const;
  Result<void> open_hub();
  void open_outside();
  [[nodiscard]] std::string machine_resolver() const;
  void forget_the_gone();
  void remember(const Error& error);
  Result<void> connect(const std::string& id, std::uint32_t address);
  Result<bool> connected(std::uint32_t address);
  Result<void> take_away(const std::string& id);
  Result<std::vector<Attachment>> found();

  Options options_;
  Subnet subnet_;
  std::mutex mutex_;
  Addresses addresses_;
  Uplink uplink_;
  Fd hub_;
  std::optional<Netlink> netlink_;  ///< in the hub
  unsigned bridge_ = 0;             ///< 0: no right to make links, environments have their loopback only
  std::string problem_;
};

void OurNetwork::remember(const Error& error) {
  if (problem_.empty()) problem_ = error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

Result<void> OurNetwork::open() {
  PHOTON_CHECK(share_folder(options_.folder));
  PHOTON_CHECK(make_directories(netns_folder(), 0755));
  PHOTON_CHECK(make_directories(options_.folder + "/addresses", 0755));
  forget_the_gone();
  PHOTON_TRY(hub_, open_netns(options_.hub_namespace));
  auto made = in_netns(hub_.get(), [&] { return open_hub(); });
  if (!made) {
    // A restricted machine still runs environments, each with its loopback.
    if (made.error().kind != Kind::denied) return made;
    remember(made.error());
    bridge_ = 0;
    return {};
  }
  open_outside();
  return {};
}

// A reboot takes the mounts but not what lies on a disk: mount points, and addresses that nobody has any
// more.
void OurNetwork::forget_the_gone() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(netns_folder(), error))
    if (!is_netns(entry.path().string())) ::unlink(entry.path().c_str());
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder + "/addresses", error)) {
    std::error_code unreadable;
    auto id = std::filesystem::read_symlink(entry.path(), unreadable).string();
    if (unreadable || !is_netns(netns_of(id))) ::unlink(entry.path().c_str());
  }
}

Result<void> OurNetwork::open_hub() {
  PHOTON_TRY(netlink_, Netlink::open());
  auto address = bridge_address(options_.bridge);
  PHOTON_CHECK(netlink_->make_bridge(options_.bridge, address.data()));
  PHOTON_TRY(bridge_, netlink_->index_of(options_.bridge));
  PHOTON_CHECK(netlink_->add_address(bridge_, subnet_.gateway(), subnet_.prefix));
  return netlink_->bring_up(bridge_);
}

// Without a way out environments still reach each other and are reached from the machine.
void OurNetwork::open_outside() {
  std::string resolver = machine_resolver();
  auto forwarding = in_netns(hub_.get(), [&]() -> Result<void> {
    PHOTON_CHECK(make_nat({options_.bridge, options_.subnet, address_text(subnet_.gateway()), resolver}));
    return allow_forwarding();
  });
  if (!forwarding) remember(forwarding.error());
  if (options_.hub_namespace.empty()) return;
  auto up = keep_netns(options_.hub_namespace, uplink_hub);
  if (up) up = uplink_.open();
  if (!up) remember(up.error());
}

Attachment OurNetwork::describe(const std::string& id, std::optional<std::uint32_t> address) const {
  Attachment attachment{.id = id, .netns = netns_of(id)};
  if (address) {
    attachment.address = address_text(*address);
    attachment.gateway = address_text(subnet_.gateway());
  }
  return attachment;
}

Result<bool> OurNetwork::connected(std::uint32_t address) {
  PHOTON_TRY(unsigned index, netlink_->index_of(link_of(address)));
  return index != 0;
}

Result<Attachment> OurNetwork::attach(const std::string& id) {
  if (!good_id(id)) return fail(Kind::internal, "network.id", "an attachment needs a plain id");
  std::lock_guard held(mutex_);
  std::string path = netns_of(id);
  auto known = addresses_.find(id);
  if (is_netns(path)) {
    if (bridge_ == 0) return describe(id, std::nullopt);
    // The other end goes with its namespace: one that is here is connected.
    if (known) {
      PHOTON_TRY(bool whole, connected(*known));
      if (whole) return describe(id, known);
    }
    PHOTON_CHECK(take_away(id));
  }
  if (bridge_ == 0) {
    PHOTON_CHECK(make_netns(path, []() -> Result<void> {
      PHOTON_TRY(auto inside, Netlink::open());
      return inside.bring_up(1);
    }));
    return describe(id, std::nullopt);
  }
  PHOTON_TRY(std::uint32_t address, addresses_.claim(id));
  if (auto done = connect(id, address); !done) {
    (void)take_away(id);
    return within(done.error(), "while connecting the environment " + id);
  }
  return describe(id, address);
}

Result<void> OurNetwork::connect(const std::string& id, std::uint32_t address) {
  std::string outer = link_of(address);
  PHOTON_CHECK(netlink_->remove_link(outer));
  return make_netns(netns_of(id), [&]() -> Result<void> {
    PHOTON_TRY(auto inside, Netlink::open());
    PHOTON_TRY(Fd here, open_netns(""));
    PHOTON_CHECK(netlink_->make_veth(outer, inner_link, here.get(), bridge_));
    PHOTON_CHECK(inside.bring_up(1));
    PHOTON_TRY(unsigned index, inside.index_of(inner_link));
    PHOTON_CHECK(inside.add_address(index, address, subnet_.prefix));
    PHOTON_CHECK(inside.bring_up(index));
    return inside.add_default_route(index, subnet_.gateway());
  });
}

Result<void> OurNetwork::take_away(const std::string& id) {
  if (auto address = addresses_.find(id); address && netlink_)
    PHOTON_CHECK(netlink_->remove_link(link_of(*address)));
  PHOTON_CHECK(remove_netns(netns_of(id)));
  return addresses_.release(id);
}

Result<void> OurNetwork::detach(const std::string& id) {
  if (!good_id(id)) return fail(Kind::internal, "network.id", "an attachment needs a plain id");
  std::lock_guard held(mutex_);
  return take_away(id);
}

Result<std::vector<Attachment>> OurNetwork::found() {
  std::vector<Attachment> attachments;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(netns_folder(), error)) {
    std::string id = entry.path().filename().string();
    if (is_netns(entry.path().string())) attachments.push_back(describe(id, addresses_.find(id)));
  }
  if (error && error.value() != ENOENT) return fail_errno("list " + netns_folder(), error.value());
  return attachments;
}

Result<std::vector<Attachment>> OurNetwork::list() {
  std::lock_guard held(mutex_);
  return found();
}

// "" unless the machine's only name server is on its loopback, and in the network namespace of the bridge.
std::string OurNetwork::machine_resolver() const {
  if (!options_.hub_namespace.empty()) return {};
  auto host = without_loopback(read_file(machine_file, 1 << 16).value_or(""));
  auto behind = without_loopback(read_file(resolved_file, 1 << 16).value_or(""));
  return host.usable == 0 && behind.usable == 0 ? host.loopback : "";
}

Result<std::string> OurNetwork::resolv_conf() {
  std::string forwarder;
  if (!options_.hub_namespace.empty() && uplink_.running()) forwarder = uplink_resolver;
  if (!machine_resolver().empty() && bridge_ != 0) forwarder = address_text(subnet_.gateway());
  return environment_resolv_conf(read_file(machine_file, 1 << 16).value_or(""),
                                 read_file(resolved_file, 1 << 16).value_or(""), forwarder);
}

std::string OurNetwork::outbound_problem() {
  std::lock_guard held(mutex_);
  if (!problem_.empty() || options_.hub_namespace.empty() || uplink_.running()) return problem_;
  return "the program that connects environments to the outside has ended; devenv daemon restart";
}

Result<void> OurNetwork::shut_down() {
  std::lock_guard held(mutex_);
  PHOTON_TRY(auto attachments, found());
  for (const auto& attachment : attachments) PHOTON_CHECK(take_away(attachment.id));
  if (!options_.hub_namespace.empty()) {
    PHOTON_CHECK(uplink_.close());
    PHOTON_CHECK(remove_netns(uplink_hub));
  }
  if (bridge_ != 0) {
    PHOTON_CHECK(in_netns(hub_.get(), [&] { return remove_nat(options_.bridge); }));
    PHOTON_CHECK(netlink_->remove_link(options_.bridge));
  }
  bridge_ = 0;
  PHOTON_CHECK(unshare_folder(options_.folder));
  std::error_code error;
  std::filesystem::remove_all(options_.folder, error);
  if (error) return fail_errno("remove " + options_.folder, error.value());
  return {};
}

}  // namespace

Result<std::unique_ptr<Network>> Network::open(Options options) {
  PHOTON_TRY(auto subnet, parse_subnet(options.subnet));
  auto network = std::make_unique<OurNetwork>(std::move(options), subnet);
  PHOTON_CHECK(network->open());
  return network;
}

}  // namespace photon::network
