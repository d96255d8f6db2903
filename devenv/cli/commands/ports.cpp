#include <charconv>

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--publish", "-p", "PORT[:LOCAL]",
     "reach a port of the environment at 127.0.0.1:LOCAL (a free one otherwise)"},
    {"--unpublish", "-u", "PORT", "no longer"},
};
constexpr Example examples[] = {
    {"devenv ports web", "what listens in web, and where it is reached from here"},
    {"devenv ports web --publish 5432:15432", "its database at 127.0.0.1:15432"}};

Result<unsigned> port_from(std::string_view text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535)
    return fail(Kind::usage, "cli.port", fmt::format("\"{}\" is no port", harmless(text)),
                "a port is a number from 1 to 65535");
  return port;
}

Result<wire::Publish> publish_from(const std::string& text) {
  wire::Publish out;
  auto colon = text.find(':');
  PHOTON_TRY(out.port, port_from(text.substr(0, colon)));
  if (colon != std::string::npos) {
    PHOTON_TRY(out.local, port_from(text.substr(colon + 1)));
  }
  return out;
}

Result<int> show(Context& context, const std::vector<wire::Port>& ports, const std::string& name) {
  if (context.json()) {
    PHOTON_CHECK(context.print_list(ports));
    return 0;
  }
  if (ports.empty()) context.tell(fmt::format("nothing listens in {}\n", name));
  std::vector<std::vector<std::string>> rows;
  for (const auto& port : ports)
    rows.push_back({(port.host.empty() ? "" : harmless(port.host) + ":") + std::to_string(port.port),
                    port.forwarded ? fmt::format("127.0.0.1:{}", port.local) : "–",
                    port.process.empty() ? "–" : harmless(port.process), harmless(port.label)});
  if (!rows.empty()) {
    PHOTON_CHECK(context.print(table({"PORT", "REACHED AT", "PROCESS", "LABEL"}, rows, look_at(1),
                                     look_at(1).drawing ? width_of(1) : 0)));
  }
  return 0;
}

Result<int> run(Context& context) {
  std::optional<wire::Publish> publish;
  unsigned unpublish = 0;
  if (context.arguments.flag("--publish")) {
    PHOTON_TRY(publish, publish_from(context.arguments.text("--publish")));
  }
  if (context.arguments.flag("--unpublish")) {
    PHOTON_TRY(unpublish, port_from(context.arguments.text("--unpublish")));
  }
  PHOTON_TRY(auto name, environment_name(context, context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  if (unpublish) {
    PHOTON_CHECK(daemon->unpublish(name, unpublish));
    context.tell(fmt::format("port {} of {} is no longer published\n", unpublish, name));
  }
  if (publish) {
    PHOTON_TRY(auto port, daemon->publish(name, *publish));
    if (context.json()) {
      PHOTON_CHECK(context.print_json(wire::to_json(port)));
      return 0;
    }
    PHOTON_CHECK(context.print(fmt::format("127.0.0.1:{}\n", port.local)));
    return 0;
  }
  PHOTON_TRY(auto ports, daemon->ports(name));
  return show(context, ports, name);
}

}  // namespace

extern const Command ports_command{
    "ports", "list, publish and unpublish ports", options, name_positional, examples, run};

}  // namespace photon::cli
