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

Result<void> run_rules(const std::string& rules) {
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context) return fail_errno("open nftables", errno);
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (nft_run_cmd_from_buffer(context.get(), rules.c_str()) == 0) return {};
  std::string_view said = nft_ctx_get_error_buffer(context.get());
  return fail(Kind::denied, "network.nat",
              fmt::format("the kernel refuses the NAT rules: {}", said.substr(0, said.find('\n'))),
              "the kernel needs nf_tables with nft_masq (modprobe nft_masq)");
}

}  // namespace

// New connections reach an environment only from its own bridge and from the machine itself, never from the
// networks that the machine is in.
Result<void> make_nat(const std::string& bridge, const std::string& subnet) {
  return run_rules(
      fmt::format("add table ip {0}\n"
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
                  table_of(bridge), bridge, subnet));
}

Result<void> remove_nat(const std::string& bridge) {
  return run_rules(fmt::format("add table ip {0}\ndelete table ip {0}\n", table_of(bridge)));
}

Result<void> allow_forwarding() {
  const char* path = "/proc/sys/net/ipv4/ip_forward";
  auto now = read_file(path, 4096);
  if (now && now->starts_with("1")) return {};
  PHOTON_TRY(Fd fd, open_fd(path, O_WRONLY));
  return write_all(fd.get(), "1\n");
}

}  // namespace photon::network
