#include <array>
#include <charconv>

#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

constexpr auto forward_example = R"([3000, "db:5432"])";

std::optional<unsigned> port_from(std::string_view text) {
  unsigned port = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0 || port > 65535)
    return std::nullopt;
  return port;
}

tl::unexpected<Error> no_port(const Node& node, std::string_view property, std::string_view text,
                              const Reading& reading, std::string_view example) {
  return fail_at(node.place(reading.file), Kind::usage, "spec.port",
                 fmt::format("\"{}\": \"{}\" is no port", property, shown(text)),
                 fmt::format("1 to 65535, for example {}", example));
}

Result<ForwardPort> forward_port(const Node& node, const Reading& reading) {
  constexpr auto property = "forwardPorts";
  if (node.type != Node::Type::text && node.type != Node::Type::number)
    return reading.wrong(node, property, "a list of numbers and \"host:port\"", forward_example);
  std::string_view text = node.text;
  ForwardPort port;
  if (auto colon = text.rfind(':'); node.type == Node::Type::text && colon != text.npos) {
    port.host = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    if (port.host.empty()) return no_port(node, property, node.text, reading, forward_example);
  }
  auto number = port_from(text);
  if (!number) return no_port(node, property, node.text, reading, forward_example);
  // The same place by two names would be forwarded twice.
  if (port.host == "localhost" || port.host == "127.0.0.1") port.host.clear();
  port.port = *number;
  return port;
}

Result<PortAttributes> attributes(const Node& node, std::string_view property, const Reading& reading) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, property, "an object", R"({"label": "app", "onAutoForward": "notify"})");
  constexpr std::array<std::string_view, 5> names{"label", "protocol", "onAutoForward", "requireLocalPort",
                                                  "elevateIfNeeded"};
  constexpr std::array<std::string_view, 2> protocols{"http", "https"};
  constexpr std::array<std::string_view, 6> actions{"notify",      "openBrowser", "openBrowserOnce",
                                                    "openPreview", "silent",      "ignore"};
  PortAttributes read;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& key = node.keys[i];
    const auto& item = node.items[i];
    if (key.name == "label") {
      PHOTON_TRY(read.label, reading.text(item, "label"));
    } else if (key.name == "protocol") {
      PHOTON_TRY(read.protocol, reading.one_of(item, "protocol", protocols));
    } else if (key.name == "onAutoForward") {
      PHOTON_TRY(read.on_auto_forward, reading.one_of(item, "onAutoForward", actions));
    } else if (key.name == "requireLocalPort") {
      PHOTON_TRY(read.require_local_port, reading.flag(item, "requireLocalPort"));
    } else if (key.name != "elevateIfNeeded") {
      auto near = nearest(key.name, names);
      reading.warn(item, fmt::format("\"{}\" knows no \"{}\"", property, shown(key.name)),
                   near.empty() ? "it is ignored" : fmt::format("did you mean \"{}\"?", near));
    }
  }
  return read;
}

}  // namespace

Result<void> read_forward_ports(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::list)
    return reading.wrong(node, "forwardPorts", "a list of numbers and \"host:port\"", forward_example);
  for (const auto& item : node.items) {
    PHOTON_TRY(auto port, forward_port(item, reading));
    add_new(plan.forward_ports, port);
  }
  return {};
}

Result<void> publish(const Node& node, std::string_view text, const Reading& reading, Plan& plan) {
  constexpr auto property = "appPort";
  constexpr auto example = "3000 or \"3000:3000\"";
  auto inner = text;
  if (inner.ends_with("/tcp")) inner.remove_suffix(4);
  if (inner.ends_with("/udp"))
    return fail_at(node.place(reading.file), Kind::usage, "spec.port",
                   fmt::format("\"{}\": only TCP ports can be published", shown(text)), "leave it out");
  auto colon = inner.rfind(':');
  auto outer = colon == inner.npos ? inner : inner.substr(0, colon);
  if (colon != inner.npos) inner.remove_prefix(colon + 1);
  if (auto address = outer.rfind(':'); address != outer.npos) outer.remove_prefix(address + 1);
  auto number = port_from(inner);
  if (!number) return no_port(node, property, text, reading, example);
  if (!outer.empty() && outer != inner)
    reading.warn(node, fmt::format("port {} is published by its own number, not as {}", inner, shown(outer)),
                 "devenv ports shows where it is reached");
  add_new(plan.app_ports, ForwardPort{"", *number});
  return {};
}

Result<void> read_app_port(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type == Node::Type::number || node.type == Node::Type::text)
    return publish(node, node.text, reading, plan);
  if (node.type != Node::Type::list)
    return reading.wrong(node, "appPort", "a port or a list of ports", "[3000]");
  for (const auto& item : node.items) {
    if (item.type != Node::Type::number && item.type != Node::Type::text)
      return reading.wrong(item, "appPort", "a port or a list of ports", "[3000]");
    PHOTON_CHECK(publish(item, item.text, reading, plan));
  }
  return {};
}

Result<void> read_port_attributes(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, "portsAttributes", "an object", R"({"3000": {"label": "app"}})");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    PHOTON_TRY(plan.port_attributes[node.keys[i].name],
               attributes(node.items[i], "portsAttributes", reading));
  }
  return {};
}

Result<void> read_other_ports(const Node& node, const Reading& reading, Plan& plan) {
  PHOTON_TRY(plan.other_ports, attributes(node, "otherPortsAttributes", reading));
  return {};
}

const PortAttributes& attributes_of(const Plan& plan, const ForwardPort& port) {
  auto number = std::to_string(port.port);
  auto whole = port.host.empty() ? number : port.host + ":" + number;
  for (const auto& key : {whole, number})
    if (auto found = plan.port_attributes.find(key); found != plan.port_attributes.end())
      return found->second;
  for (const auto& [key, attributes] : plan.port_attributes) {
    auto dash = key.find('-');
    if (dash == key.npos) continue;
    auto first = port_from(std::string_view(key).substr(0, dash));
    auto last = port_from(std::string_view(key).substr(dash + 1));
    if (first && last && *first <= port.port && port.port <= *last) return attributes;
  }
  return plan.other_ports;
}

}  // namespace photon::spec
