#include "devenv/engine/network/nat.hpp"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"

namespace photon::network {
namespace {

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

Result<void> remove_nat(const std::string& bridge) {
  close_other_firewall(bridge);
  PHOTON_CHECK(run_rules(fmt::format("add table ip {0}\ndelete table ip {0}\n", table_of(bridge))));
  return {};
}

Result<void> allow_forwarding() {
  const char* path = "/proc/sys/net/ipv4/ip_forward";
  auto now = read_file(path, 4096);
  if (now && now->starts_with("1")) return {};
  return write_setting(path, "1\n");
}

}  // namespace photon::network
