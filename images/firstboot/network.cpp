// network-config of NoCloud, versions 1 and 2: cards with addresses, as files of systemd-networkd. Bonds,
// bridges, VLANs and wireless are named and left out: a machine that is given these has files of networkd for
// them.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "devenv/core/name.hpp"
#include "images/firstboot/readers.hpp"

namespace photon::first_boot {
namespace {

using yaml::Node;

struct Card {
  std::string name;  ///< of the file
  std::string match_name{}, match_mac{};
  bool dhcp4 = false, dhcp6 = false;
  std::optional<bool> accept_ra{};
  std::string mtu{};
  std::vector<std::string> addresses{}, gateways{}, servers{}, domains{};
  struct Route {
    std::string to, via, metric;
  };
  std::vector<Route> routes{};
};

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && value <= most;
}

/// "192.0.2.1/24"; networkd would take one without a length for a host alone.
bool is_network(const std::string& text) {
  auto slash = text.find('/');
  if (slash == text.npos) return false;
  return is_address(text.substr(0, slash)) &&
         is_number(text.substr(slash + 1), text.find(':') == text.npos ? 32 : 128);
}

bool is_mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (i % 3 == 2 ? text[i] != ':' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  return true;
}

/// What the kernel takes for a card, and a pattern in the files: nothing that could end a line.
bool is_card(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::strchr("_.-*?[]", c) != nullptr;
  });
}

bool is_domain(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == '~';
  });
}

/// 255.255.255.0 → 24; nullopt where it has holes.
std::optional<unsigned> length_of(const std::string& mask) {
  if (is_number(mask, 128)) return static_cast<unsigned>(std::stoul(mask));
  in_addr bits{};
  if (::inet_pton(AF_INET, mask.c_str(), &bits) != 1) return std::nullopt;
  auto value = ntohl(bits.s_addr);
  unsigned length = 0;
  for (; length < 32 && (value & 0x80000000U) != 0; ++length) value <<= 1;
  return value == 0 ? std::optional(length) : std::nullopt;
}

struct Reader {
  Plan& plan;
  std::vector<Card> cards{};

  template <class Check>
  std::vector<std::string> checked(const Node& value, std::string_view what, Check good,
                                   std::string_view hint) {
    std::vector<std::string> out;
    for (auto& text : texts_of(value, what, plan)) {
      if (good(text))
        out.push_back(std::move(text));
      else
        leave_out(plan, value.where, fmt::format("{} cannot be \"{}\"", what, shown(text)),
                  std::string(hint));
    }
    return out;
  }
  std::vector<std::string> addresses(const Node& value, std::string_view what) {
    return checked(value, what, is_address, "an address");
  }
  void unsupported(const Node& node, std::size_t i, std::string_view of) {
    leave_out(plan, node.key_places[i], fmt::format("\"{}\" of {} is not supported", shown(node.keys[i]), of),
              "a file of systemd-networkd by write_files");
  }
  void nameservers(const Node& value, Card& card) {
    if (value.kind != Node::Kind::map)
      return leave_out(plan, value.where, "nameservers has to have addresses or search");
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      if (value.keys[i] == "addresses")
        card.servers = addresses(value.items[i], "a name server");
      else if (value.keys[i] == "search")
        card.domains = checked(value.items[i], "a search domain", is_domain, "");
      else
        unsupported(value, i, "nameservers");
    }
  }
  void routes(const Node& value, Card& card) {
    if (value.kind != Node::Kind::list) return leave_out(plan, value.where, "routes has to be a list");
    for (const auto& one : value.items) {
      Card::Route route;
      std::string mask;
      for (std::size_t i = 0; i < one.keys.size(); ++i) {
        const auto& key = one.keys[i];
        auto text = text_of(one.items[i], key, plan).value_or("");
        if (key == "to" || key == "network" || key == "destination")
          route.to = text;
        else if (key == "via" || key == "gateway")
          route.via = text;
        else if (key == "metric")
          route.metric = text;
        else if (key == "netmask")
          mask = text;
        else
          unsupported(one, i, "a route");
      }
      if (auto length = length_of(mask); !mask.empty() && length) route.to += fmt::format("/{}", *length);
      if (route.to == "default") route.to = route.via.find(':') == std::string::npos ? "0.0.0.0/0" : "::/0";
      bool good = is_network(route.to) && is_address(route.via) &&
                  (route.metric.empty() || is_number(route.metric, 4294967295U));
      if (good)
        card.routes.push_back(std::move(route));
      else
        leave_out(plan, one.where, "a route has to have a network and a gateway",
                  "to: 192.0.2.0/24, via: 192.0.2.1");
    }
  }
  void match(const Node& value, Card& card) {
    card.match_name.clear();
    if (value.kind != Node::Kind::map)
      return leave_out(plan, value.where, "match has to have a name or macaddress");
    for (std::size_t i = 0; i < value.keys.size(); ++i) {
      auto text = text_of(value.items[i], value.keys[i], plan).value_or("");
      if (value.keys[i] == "name" && is_card(text))
        card.match_name = text;
      else if (value.keys[i] == "macaddress" && is_mac(text))
        card.match_mac = text;
      else if (value.keys[i] == "name" || value.keys[i] == "macaddress")
        leave_out(plan, value.items[i].where, fmt::format("{} cannot be \"{}\"", value.keys[i], shown(text)));
      else
        unsupported(value, i, "match");
    }
  }

  void ethernet(const std::string& id, const Node& node, const Place& where) {
    if (!is_card(id) || node.kind != Node::Kind::map)
      return leave_out(plan, where, fmt::format("\"{}\" is no card", shown(id)));
    Card card{.name = id, .match_name = id};
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto& key = node.keys[i];
      const auto& value = node.items[i];
      if (key == "match")
        match(value, card);
      else if (key == "dhcp4")
        card.dhcp4 = truth_of(value, key, plan, false);
      else if (key == "dhcp6")
        card.dhcp6 = truth_of(value, key, plan, false);
      else if (key == "accept-ra")
        card.accept_ra = truth_of(value, key, plan, true);
      else if (key == "addresses")
        card.addresses = checked(value, "an address", is_network, "with its length: 192.0.2.7/24");
      else if (key == "gateway4" || key == "gateway6") {
        for (auto& gateway : addresses(value, key)) card.gateways.push_back(std::move(gateway));
      } else if (key == "nameservers")
        nameservers(value, card);
      else if (key == "routes")
        routes(value, card);
      else if (key == "mtu")
        card.mtu = value.kind == Node::Kind::text && is_number(value.text, 65535) ? value.text : "";
      else if (key == "set-name") {
        if (value.text != id) unsupported(node, i, "a card");
      } else if (key != "optional" && key != "renderer")
        unsupported(node, i, "a card");
    }
    if (card.match_name.empty() && card.match_mac.empty())
      return leave_out(plan, where, fmt::format("nothing says which card \"{}\" is", shown(id)));
    cards.push_back(std::move(card));
  }

  void version2(const Node& root) {
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      const auto& key = root.keys[i];
      if (key == "ethernets" && root.items[i].kind == Node::Kind::map) {
        for (std::size_t j = 0; j < root.items[i].keys.size(); ++j)
          ethernet(root.items[i].keys[j], root.items[i].items[j], root.items[i].key_places[j]);
      } else if (key != "version" && key != "renderer")
        unsupported(root, i, "network-config");
    }
  }

  void subnet(const Node& node, Card& card) {
    std::string type, address, mask;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto& key = node.keys[i];
      const auto& value = node.items[i];
      if (key == "type")
        type = text_of(value, key, plan).value_or("");
      else if (key == "address")
        address = text_of(value, key, plan).value_or("");
      else if (key == "netmask")
        mask = text_of(value, key, plan).value_or("");
      else if (key == "gateway") {
        for (auto& gateway : addresses(value, key)) card.gateways.push_back(std::move(gateway));
      } else if (key == "dns_nameservers")
        card.servers = addresses(value, "a name server");
      else if (key == "dns_search")
        card.domains = checked(value, "a search domain", is_domain, "");
      else if (key == "routes")
        routes(value, card);
      else
        unsupported(node, i, "a subnet");
    }
    if (type == "dhcp" || type == "dhcp4")
      card.dhcp4 = true;
    else if (type == "dhcp6" || type == "ipv6_dhcpv6-stateful")
      card.dhcp6 = true;
    else if (type == "static" || type == "static6") {
      if (auto length = length_of(mask); address.find('/') == address.npos && length)
        address += fmt::format("/{}", *length);
      if (is_network(address))
        card.addresses.push_back(address);
      else
        leave_out(plan, node.where, fmt::format("an address cannot be \"{}\"", shown(address)),
                  "with its length: 192.0.2.7/24");
    } else if (type != "manual")
      leave_out(plan, node.where, fmt::format("the subnet type \"{}\" is not supported", shown(type)));
  }

  void physical(const Node& node) {
    const auto* name = node.find("name");
    if (!name || !is_card(name->text)) return leave_out(plan, node.where, "a card has to have a name");
    Card card{.name = name->text, .match_name = name->text};
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const auto& key = node.keys[i];
      const auto& value = node.items[i];
      if (key == "mac_address") {
        auto text = text_of(value, key, plan).value_or("");
        if (is_mac(text))
          card.match_mac = text, card.match_name.clear();
        else
          leave_out(plan, value.where, fmt::format("mac_address cannot be \"{}\"", shown(text)));
      } else if (key == "mtu")
        card.mtu = value.kind == Node::Kind::text && is_number(value.text, 65535) ? value.text : "";
      else if (key == "subnets") {
        for (const auto& one : value.items) subnet(one, card);
      } else if (key != "type" && key != "name")
        unsupported(node, i, "a card");
    }
    cards.push_back(std::move(card));
  }

  void version1(const Node& root) {
    const auto* config = root.find("config");
    if (!config || config->kind != Node::Kind::list)
      return leave_out(plan, root.where, "config has to be a list");
    std::vector<std::string> servers, domains;
    for (const auto& one : config->items) {
      const auto* type = one.find("type");
      if (type && type->text == "physical")
        physical(one);
      else if (type && type->text == "nameserver") {
        if (const auto* list = one.find("address")) servers = addresses(*list, "a name server");
        if (const auto* list = one.find("search")) domains = checked(*list, "a search domain", is_domain, "");
      } else
        leave_out(plan, one.where,
                  fmt::format("the type \"{}\" is not supported", type ? shown(type->text) : ""),
                  "a file of systemd-networkd by write_files");
    }
    for (auto& card : cards) {
      card.servers.insert(card.servers.end(), servers.begin(), servers.end());
      card.domains.insert(card.domains.end(), domains.begin(), domains.end());
    }
  }
};

std::string file_of(const Card& card) {
  std::string out = "# From network-config of the first boot's seed.\n[Match]\n";
  if (!card.match_mac.empty()) out += "MACAddress=" + card.match_mac + "\n";
  if (!card.match_name.empty()) out += "Name=" + card.match_name + "\n";
  if (card.match_name.empty()) out += "Kind=!*\n";  // bridges take over the address of a card
  if (!card.mtu.empty()) out += "\n[Link]\nMTUBytes=" + card.mtu + "\n";
  out += "\n[Network]\n";
  out += fmt::format("DHCP={}\n", card.dhcp4 && card.dhcp6 ? "yes"
                                  : card.dhcp4             ? "ipv4"
                                  : card.dhcp6             ? "ipv6"
                                                           : "no");
  if (card.accept_ra) out += fmt::format("IPv6AcceptRA={}\n", *card.accept_ra ? "yes" : "no");
  for (const auto& one : card.addresses) out += "Address=" + one + "\n";
  for (const auto& one : card.gateways) out += "Gateway=" + one + "\n";
  for (const auto& one : card.servers) out += "DNS=" + one + "\n";
  for (const auto& one : card.domains) out += "Domains=" + one + "\n";
  for (const auto& one : card.routes) {
    out += "\n[Route]\nDestination=" + one.to + "\nGateway=" + one.via + "\n";
    if (!one.metric.empty()) out += "Metric=" + one.metric + "\n";
  }
  return out;
}

}  // namespace

Result<void> read_network_config(std::string_view text, std::string_view file, Plan& plan) {
  PHOTON_TRY(auto document, yaml::parse(text, file));
  if (document.is_null()) return {};
  const auto* inner = document.find("network");
  const auto& root = inner ? *inner : document;
  const auto* version = root.find("version");
  if (root.kind != Node::Kind::map || !version)
    return fail_at(root.where, Kind::usage, "first-boot.network", "network-config has to have a version");
  Reader reader{.plan = plan};
  if (version->text == "2")
    reader.version2(root);
  else if (version->text == "1")
    reader.version1(root);
  else
    return fail_at(version->where, Kind::usage, "first-boot.network",
                   fmt::format("version {} of network-config is not known", shown(version->text)));
  std::size_t number = 0;
  // The number keeps apart what differs in signs that no file name should have.
  for (const auto& card : reader.cards) {
    auto name = card.name;
    std::replace_if(name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '-');
    plan.network.push_back(
        {.path = fmt::format("/etc/systemd/network/50-first-boot-{}-{}.network", number++, name),
         .content = file_of(card)});
  }
  return {};
}

}  // namespace photon::first_boot
