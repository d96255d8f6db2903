#include "devenv/engine/network/network.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <set>

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
        addresses_(addresses_folder(), subnet),
        uplink_(options_.folder, uplink_hub) {}

  Result<void> open();
  Result<Attachment> attach(const std::string& id, std::uint32_t owner) override;
  Result<void> detach(const std::string& id) override;
  Result<std::vector<Attachment>> list() override;
  Result<std::string> resolv_conf() override;
  std::string outbound_problem() override;
  Result<void> shut_down() override;

 private:
  [[nodiscard]] bool of_user() const { return !options_.hub_namespace.empty(); }
  [[nodiscard]] std::string addresses_folder() const { return options_.folder + "/addresses"; }
  [[nodiscard]] std::string netns_folder() const { return options_.folder + "/netns"; }
  [[nodiscard]] std::string netns_of(const std::string& id) const { return netns_folder() + "/" + id; }
  // Unique among the bridges of one network namespace, and within IFNAMSIZ.
  [[nodiscard]] std::string links() const {
    return fmt::format("ve{:06x}", hash_of(options_.bridge) & 0xffffff);
  }
  [[nodiscard]] std::string link_of(std::uint32_t address) const {
    return fmt::format("{}{:06x}", links(), address & 0xffffff);
  }
  [[nodiscard]] Nat nat() const {
    return {options_.bridge, subnet_text(subnet_), address_text(subnet_.gateway()), machine_resolver()};
  }
  [[nodiscard]] Attachment describe(const std::string& id, std::optional<std::uint32_t> address) const;
  Result<void> open_hub(const std::vector<Route>& of_machine);
  Result<void> settle_subnet(std::vector<Route> routes);
  [[nodiscard]] unsigned mtu();
  void open_outside();
  [[nodiscard]] std::string machine_resolver() const;
  void forget_the_gone();
  void remember(const Error& error);
  Result<void> connect(const std::string& id, std::uint32_t address, std::uint32_t owner);
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
  std::set<std::uint32_t> groups_;  ///< owners that were let together by us
  std::string problem_;
};

void OurNetwork::remember(const Error& error) {
  if (problem_.empty()) problem_ = error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

Result<void> OurNetwork::open() {
  PHOTON_CHECK(share_folder(options_.folder));
  PHOTON_CHECK(make_directories(netns_folder(), 0755));
  PHOTON_CHECK(make_directories(addresses_folder(), 0755));
  forget_the_gone();
  PHOTON_TRY(hub_, open_netns(options_.hub_namespace));
  // What the machine reaches must stay in reach from a user's hub, too.
  std::vector<Route> of_machine;
  if (auto here = Netlink::open()) of_machine = here->routes().value_or(of_machine);
  auto made = in_netns(hub_.get(), [&]() -> Result<void> {
    auto alone = lock_forwarding();  // two daemons at once choose two subnets
    return open_hub(of_machine);
  });
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

Result<void> OurNetwork::open_hub(const std::vector<Route>& of_machine) {
  PHOTON_TRY(netlink_, Netlink::open());
  PHOTON_CHECK(settle_subnet(of_user() ? of_machine : std::vector<Route>{}));
  auto address = bridge_address(options_.bridge);
  PHOTON_CHECK(netlink_->make_bridge(options_.bridge, address.data()));
  PHOTON_TRY(bridge_, netlink_->index_of(options_.bridge));
  PHOTON_CHECK(netlink_->add_address(bridge_, subnet_.gateway(), subnet_.prefix));
  return netlink_->bring_up(bridge_);
}

// Addresses that somebody else on this machine uses, or a VPN reaches, would be out of reach. A bridge that
// has environments keeps what it has: they could not be told.
Result<void> OurNetwork::settle_subnet(std::vector<Route> routes) {
  PHOTON_TRY(unsigned present, netlink_->index_of(options_.bridge));
  PHOTON_TRY(auto of_hub, netlink_->routes());
  for (const auto& route : of_hub)
    if (present == 0 || route.link != present) routes.push_back(route);
  std::vector<Subnet> taken;
  for (const auto& route : routes) taken.push_back(route.to);
  std::optional<Subnet> has;
  if (present != 0) {
    PHOTON_TRY(has, netlink_->network_of(present));
  }
  PHOTON_TRY(auto attachments, found());
  if (has && !attachments.empty()) {
    subnet_ = *has;
  } else {
    PHOTON_TRY(subnet_, choose_subnet(subnet_, taken));
    if (has && *has != subnet_) PHOTON_CHECK(netlink_->remove_link(options_.bridge));
  }
  addresses_ = Addresses(addresses_folder(), subnet_);
  return {};
}

// Without a way out environments still reach each other and are reached from the machine.
void OurNetwork::open_outside() {
  auto forwarding = in_netns(hub_.get(), [&]() -> Result<void> {
    PHOTON_TRY(Fd alone, lock_forwarding());
    PHOTON_CHECK(make_nat(nat()));
    return allow_forwarding();
  });
  if (!forwarding) remember(forwarding.error());
  if (!of_user()) {
    auto apart = in_netns(hub_.get(), [&] { return keep_owners_apart(nat(), links()); });
    if (!apart)
      remember({Kind::denied,
                "network.owners",
                "environments of different users reach each other",
                {},
                "the kernel needs nf_tables for bridges (CONFIG_NF_TABLES_BRIDGE)"});
    return;
  }
  auto up = keep_netns(options_.hub_namespace, uplink_hub);
  if (up) up = uplink_.open();
  if (!up) remember(up.error());
}

// Packets larger than the way out takes come back as errors, or are lost where a firewall drops those. What
// pasta and slirp4netns read is cut by them: the larger, the faster.
unsigned OurNetwork::mtu() {
  if (of_user()) return 65520;
  auto routes = netlink_->routes();
  unsigned least = 1500;
  for (const auto& route : routes ? *routes : std::vector<Route>{})
    if (route.to.prefix == 0 && route.link != 0)
      if (auto mtu = netlink_->mtu_of(route.link); mtu && *mtu >= 576) least = std::min(least, *mtu);
  return least;
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

Result<Attachment> OurNetwork::attach(const std::string& id, std::uint32_t owner) {
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
  if (auto done = connect(id, address, owner); !done) {
    (void)take_away(id);
    return within(done.error(), "while connecting the environment " + id);
  }
  return describe(id, address);
}

Result<void> OurNetwork::connect(const std::string& id, std::uint32_t address, std::uint32_t owner) {
  Veth veth{.outer = link_of(address), .inner = inner_link, .bridge = bridge_, .mtu = mtu()};
  if (!of_user()) {
    veth.group = owner + 1;  // 0 is what every link of the machine has
    auto together = [&] { return let_together(options_.bridge, veth.group); };
    if (!groups_.contains(veth.group) && in_netns(hub_.get(), together)) groups_.insert(veth.group);
  }
  PHOTON_CHECK(netlink_->remove_link(veth.outer));
  return make_netns(netns_of(id), [&]() -> Result<void> {
    PHOTON_TRY(auto inside, Netlink::open());
    PHOTON_TRY(Fd here, open_netns(""));
    veth.inner_netns = here.get();
    PHOTON_CHECK(netlink_->make_veth(veth));
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
  if (of_user()) return {};
  auto host = without_loopback(read_file(machine_file, 1 << 16).value_or(""));
  auto behind = without_loopback(read_file(resolved_file, 1 << 16).value_or(""));
  return host.usable == 0 && behind.usable == 0 ? host.loopback : "";
}

Result<std::string> OurNetwork::resolv_conf() {
  std::string forwarder;
  if (of_user() && uplink_.running()) forwarder = uplink_resolver;
  if (!machine_resolver().empty() && bridge_ != 0) forwarder = address_text(subnet_.gateway());
  return environment_resolv_conf(read_file(machine_file, 1 << 16).value_or(""),
                                 read_file(resolved_file, 1 << 16).value_or(""), forwarder);
}

std::string OurNetwork::outbound_problem() {
  std::lock_guard held(mutex_);
  if (!problem_.empty() || !of_user() || uplink_.running()) return problem_;
  return "the program that connects environments to the outside has ended; devenv shutdown, and the next "
         "command starts it anew";
}

Result<void> OurNetwork::shut_down() {
  std::lock_guard held(mutex_);
  PHOTON_TRY(auto attachments, found());
  for (const auto& attachment : attachments) PHOTON_CHECK(take_away(attachment.id));
  if (of_user()) {
    PHOTON_CHECK(uplink_.close());
    PHOTON_CHECK(remove_netns(uplink_hub));
  }
  if (bridge_ != 0) {
    PHOTON_CHECK(netlink_->remove_link(options_.bridge));
    PHOTON_CHECK(in_netns(hub_.get(), [&]() -> Result<void> {
      PHOTON_TRY(Fd alone, lock_forwarding());
      PHOTON_CHECK(remove_nat(options_.bridge));
      PHOTON_TRY(auto others, netlink_->bridges());
      return restore_forwarding(!others.empty());
    }));
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
