#include "images/imager/machine/monitor.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::images::monitor {
namespace {

constexpr std::size_t most_said = 1 << 20;

/// The next line, without its end; events come between answers.
std::optional<std::string> line_of(int socket, std::string& buffer) {
  for (;;) {
    if (auto end = buffer.find('\n'); end != std::string::npos) {
      auto line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      return line;
    }
    struct pollfd waiting{socket, POLLIN, 0};
    if (buffer.size() > most_said || ::poll(&waiting, 1, 500) <= 0) return std::nullopt;
    char bytes[4096];
    auto got = ::read(socket, bytes, sizeof bytes);
    if (got <= 0) return std::nullopt;
    buffer.append(bytes, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::optional<json::value> ask(const std::string& path, const std::string& command,
                               const std::string& arguments) {
  auto socket = connect_unix(path, SOCK_STREAM);
  if (!socket ||
      !write_all(socket->get(),
                 R"({"execute":"qmp_capabilities"})"
                 "\n" +
                     fmt::format(R"({{"execute":"{}","arguments":{},"id":"asked"}})", command, arguments)))
    return std::nullopt;
  for (std::string buffer;;) {
    auto line = line_of(socket->get(), buffer);
    if (!line) return std::nullopt;
    auto said = parse_json(*line, "QEMU's answer");
    if (!said) return std::nullopt;
    if (!member(*said, "id")) continue;
    const auto* answer = member(*said, "return");
    return answer ? std::optional(*answer) : std::nullopt;
  }
}

bool power_down(const std::string& socket) { return ask(socket, "system_powerdown").has_value(); }

std::string state(const std::string& socket) {
  auto answer = ask(socket, "query-status");
  return answer ? text_or(*answer, "status") : std::string();
}

/// Only the monitor for people tells it: "  TCP[HOST_FORWARD]  8  127.0.0.1 44877  10.0.2.15  22  0  0".
std::uint16_t forwarded(const std::string& socket) {
  auto answer = ask(socket, "human-monitor-command", R"({"command-line":"info usernet"})");
  if (!answer || !answer->is_string()) return 0;
  std::istringstream lines{std::string(answer->as_string())};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, number, address;
    std::uint16_t port = 0;
    if (words >> kind >> number >> address >> port && kind == "TCP[HOST_FORWARD]") return port;
  }
  return 0;
}

}  // namespace photon::images::monitor
