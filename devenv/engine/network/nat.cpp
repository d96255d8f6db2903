#include "devenv/engine/network/nat.hpp"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"

namespace photon::network {
namespace {

constexpr const char* forwarding = "/proc/sys/net/ipv4/ip_forward";
constexpr const char* switched_on = "devenv_forwarding";

using Context = Handle<nft_ctx, nft_ctx_free>;

std::string table_of(const std::string& bridge) {
  return bridge == "devenv0" ? "devenv" : "devenv_" + bridge;
}

Result<std::string> run_rules(const std::string& rules, bool handles = false) {
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context) return fail_errno("open nftables", errno);
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (handles) nft_ctx_output_set_flags(context.get(), NFT_CTX_OUTPUT_HANDLE);
  if (nft_run_cmd_from_buffer(context.get(), rules.c_str()) == 0)
    return std::string(nft_ctx_get_output_buffer(context.get()));
  std::string_view said = nft_ctx_get_error_buffer(context.get());
  return fail(Kind::denied, "network.nat",
              fmt::format("the kernel refuses the NAT rules: {}", said.substr(0, said.find('\n'))),
              "the kernel needs nf_tables with nft_masq (modprobe nft_masq)");
}

// Accepting in our chain is not the last word: each table's forward chain may drop. Docker and ufw do so in
// `ip filter FORWARD`; Docker keeps DOCKER-USER for rules of others.
std::string chain_to_open() {
  if (run_rules("list chain ip filter DOCKER-USER")) return "DOCKER-USER";
  auto forward = run_rules("list chain ip filter FORWARD");
  return forward && forward->find("policy drop") != std::string::npos ? "FORWARD" : "";
}

std::string mark_of(const std::string& bridge) { return fmt::format("\"devenv {}\"", bridge); }

Result<void> open_other_firewall(const std::string& bridge) {
  std::string chain = chain_to_open();
  if (chain.empty()) return {};
  auto rules = run_rules("list chain ip filter " + chain);
  if (rules && rules->find(mark_of(bridge)) != std::string::npos) return {};
  PHOTON_CHECK(
      run_rules(fmt::format("insert rule ip filter {0} iifname \"{1}\" accept comment {2}\n"
                            "insert rule ip filter {0} oifname \"{1}\" ct state established,related accept "
                            "comment {2}\n",
                            chain, bridge, mark_of(bridge))));
  return {};
}

void close_other_firewall(const std::string& bridge) {
  for (const char* chain : {"DOCKER-USER", "FORWARD"}) {
    auto rules = run_rules(fmt::format("list chain ip filter {}", chain), true);
    std::string_view rest = rules ? std::string_view(*rules) : std::string_view();
    while (!rest.empty()) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      auto handle = line.find("# handle ");
      if (handle == line.npos || line.find(mark_of(bridge)) == line.npos) continue;
      (void)run_rules(fmt::format("delete rule ip filter {} handle {}", chain, line.substr(handle + 9)));
    }
  }
}

// Packets to the loopback come in by the bridge only when they were sent to the gateway's port 53.
std::string resolver_rules(const Nat& nat) {
  if (nat.loopback_resolver.empty()) return {};
  return fmt::format(
      "table ip {0} {{\n"
      "  chain resolver {{\n"
      "    type nat hook prerouting priority -100; policy accept;\n"
      "    iifname \"{1}\" ip daddr {2} udp dport 53 dnat to {3}\n"
      "    iifname \"{1}\" ip daddr {2} tcp dport 53 dnat to {3}\n"
      "  }}\n"
      "  chain loopback {{\n"
      "    type filter hook input priority 0; policy accept;\n"
      "    iifname \"{1}\" ip daddr 127.0.0.0/8 ct status dnat accept\n"
      "    iifname \"{1}\" ip daddr 127.0.0.0/8 drop\n"
      "  }}\n"
      "}}\n",
      table_of(nat.bridge), nat.bridge, nat.gateway, nat.loopback_resolver);
}

Result<void> write_setting(const std::string& path, std::string_view value) {
  PHOTON_TRY(Fd fd, open_fd(path, O_WRONLY));
  return write_all(fd.get(), value);
}

}  // namespace

// New connections reach an environment only from its own bridge and from the machine itself, never from the
// networks that the machine is in.
Result<void> make_nat(const Nat& nat) {
  std::string rules = fmt::format(
      "add table ip {0}\n"
      "delete table ip {0}\n"
      "table ip {0} {{\n"
      "  chain postrouting {{\n"
      "    type nat hook postrouting priority 100; policy accept;\n"
      "    ip saddr {2} oifname != \"{1}\" masquerade\n"
      "  }}\n"
      "  chain forward {{\n"
      "    type filter hook forward priority 0; policy accept;\n"
      "    iifname \"{1}\" accept\n"
      "    oifname \"{1}\" ct state established,related accept\n"
      "    oifname \"{1}\" drop\n"
      "  }}\n"
      "}}\n",
      table_of(nat.bridge), nat.bridge, nat.subnet);
  PHOTON_CHECK(run_rules(rules + resolver_rules(nat)));
  if (!nat.loopback_resolver.empty())
    PHOTON_CHECK(write_setting(fmt::format("/proc/sys/net/ipv4/conf/{}/route_localnet", nat.bridge), "1\n"));
  return open_other_firewall(nat.bridge);
}

Result<void> keep_owners_apart(const Nat& nat, const std::string& ports) {
  // A packet sent to the gateway for another environment would come back by the bridge as a new frame.
  PHOTON_CHECK(
      run_rules(fmt::format("add table bridge {0}\n"
                            "add set bridge {0} together {{ typeof meta iifgroup . meta oifgroup; }}\n"
                            "add chain bridge {0} forward {{ type filter hook forward priority 0; }}\n"
                            "add chain bridge {0} input {{ type filter hook input priority 0; }}\n"
                            "flush chain bridge {0} forward\n"
                            "flush chain bridge {0} input\n"
                            "add rule bridge {0} forward iifname \"{1}*\" "
                            "meta iifgroup . meta oifgroup != @together drop\n"
                            "add rule bridge {0} input iifname \"{1}*\" "
                            "ip daddr {2} ip daddr != {3} drop\n",
                            table_of(nat.bridge), ports, nat.subnet, nat.gateway)));
  return {};
}

Result<void> let_together(const std::string& bridge, std::uint32_t group) {
  PHOTON_CHECK(
      run_rules(fmt::format("add element bridge {0} together {{ {1} . {1} }}\n", table_of(bridge), group)));
  return {};
}

Result<void> remove_nat(const std::string& bridge) {
  close_other_firewall(bridge);
  for (const char* family : {"ip", "bridge"}) {
    auto gone = run_rules(fmt::format("add table {0} {1}\ndelete table {0} {1}\n", family, table_of(bridge)));
    // Kernels without tables for bridges have none to take away.
    if (!gone && std::string_view(family) == "ip") return tl::unexpected(std::move(gone.error()));
  }
  return {};
}

Result<Fd> lock_forwarding() {
  PHOTON_TRY(Fd fd, open_fd(forwarding, O_RDONLY));
  while (::flock(fd.get(), LOCK_EX) < 0)
    if (errno != EINTR) return fail_errno(fmt::format("lock {}", forwarding), errno);
  return fd;
}

Result<void> allow_forwarding() {
  auto now = read_file(forwarding, 4096);
  if (now && now->starts_with("1")) return {};
  PHOTON_CHECK(write_setting(forwarding, "1\n"));
  PHOTON_CHECK(run_rules(fmt::format("add table ip {}\n", switched_on)));
  return {};
}

Result<void> restore_forwarding(bool other_bridges) {
  PHOTON_TRY(auto tables, run_rules("list tables ip"));
  const std::string mark = fmt::format("table ip {}\n", switched_on);
  auto at = tables.find(mark);
  if (at == std::string::npos) return {};
  // While another data folder has its bridge the mark stays: the last one to go switches off.
  if (tables.erase(at, mark.size()).find("table ip devenv") != std::string::npos) return {};
  PHOTON_TRY(auto chains, run_rules("list chains"));
  PHOTON_CHECK(run_rules("delete " + mark));
  if (other_bridges || chains.find("hook forward") != std::string::npos) return {};
  return write_setting(forwarding, "0\n");
}

}  // namespace photon::network
