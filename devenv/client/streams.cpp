// The calls that last: logs, and server-sent events of operations and environments.
#include <sys/socket.h>

#include "devenv/client/client.hpp"
#include "devenv/client/exchange.hpp"

namespace photon::client {
namespace {

constexpr auto keep_alive_limit = std::chrono::seconds(60);  // the daemon sends a comment every 15 s
constexpr std::size_t longest_event = 4 << 20;

struct Event {
  std::string name;
  std::string data;
};

/// Takes lines, gives events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
class EventReader {
 public:
  /// Calls `sink` for each event that `bytes` complete; sink returns false to end.
  Result<bool> feed(std::string_view bytes, const std::function<Result<bool>(const Event&)>& sink) {
    pending_ += bytes;
    std::size_t begin = 0;
    std::size_t end = 0;
    while ((end = pending_.find('\n', begin)) != std::string::npos) {
      std::string line = pending_.substr(begin, end - begin);
      begin = end + 1;
      if (!line.empty()) {
        field(line);
        continue;
      }
      Event event = std::exchange(event_, {});
      if (event.name.empty()) continue;
      PHOTON_TRY(bool more, sink(event));
      if (!more) return false;
    }
    pending_.erase(0, begin);
    if (pending_.size() + event_.data.size() > longest_event)
      return fail(Kind::internal, "client.event", "the daemon sent an event that is too large");
    return true;
  }

 private:
  void field(std::string_view line) {
    if (line.starts_with("event: ")) event_.name = line.substr(7);
    if (!line.starts_with("data: ")) return;
    if (!event_.data.empty()) event_.data += '\n';
    event_.data += line.substr(6);
  }

  std::string pending_;
  Event event_;
};

/// True: the sink has ended it. False: the daemon has.
Result<bool> read_events(const Paths& paths, const std::string& target, std::stop_token stop,
                         const std::function<Result<bool>(const Event&)>& sink) {
  PHOTON_TRY(auto socket, connect_unix(paths.api_socket(), SOCK_STREAM));
  PHOTON_TRY(auto exchange, Exchange::begin(std::move(socket), {"GET", target}, stop, keep_alive_limit));
  EventReader reader;
  while (true) {
    PHOTON_TRY(auto bytes, exchange.read());
    if (bytes.empty()) return false;
    PHOTON_TRY(bool more, reader.feed(bytes, sink));
    if (!more) return true;
  }
}

}  // namespace

Result<wire::Operation> Client::follow(const std::string& operation, const ProgressSink& progress,
                                       const std::function<void(const std::string&)>& warning,
                                       std::stop_token stop) {
  std::optional<wire::Operation> ended;
  auto sink = [&](const Event& event) -> Result<bool> {
    if (event.name == "warning") {
      if (warning) warning(event.data);
      return true;
    }
    PHOTON_TRY(auto value, parse_json(event.data, "an event"));
    if (event.name == "progress" && progress) {
      PHOTON_TRY(auto report, wire::parse<Progress>(value));
      progress(report);
    }
    if (event.name != "end") return true;
    PHOTON_TRY(ended, wire::parse<wire::Operation>(value));
    return false;
  };
  auto done = read_events(paths_, "/v1/operations/" + encoded(operation) + "/events", stop, sink);
  if (done && *done && ended) return std::move(*ended);
  if (!done && done.error().kind != Kind::unavailable) return tl::unexpected(std::move(done.error()));
  return fail(Kind::unavailable, std::string(daemon_ended), "the daemon stopped before the work was done",
              "run the command again: it goes on where it stopped");
}

Result<void> Client::events(const std::function<void(const wire::Change&)>& sink, std::stop_token stop) {
  auto each = [&](const Event& event) -> Result<bool> {
    if (event.name != "change") return true;
    PHOTON_TRY(auto value, parse_json(event.data, "an event"));
    PHOTON_TRY(auto change, wire::parse<wire::Change>(value));
    sink(change);
    return true;
  };
  PHOTON_CHECK(read_events(paths_, "/v1/events", stop, each));
  return {};
}

Result<void> Client::logs(const std::string& name, const std::string& service, bool follow,
                          const std::function<Result<void>(std::string_view)>& sink, std::stop_token stop) {
  auto target = "/v1/environments/" + encoded(name) + "/logs?follow=" + (follow ? "true" : "false");
  if (!service.empty()) target += "&service=" + encoded(service);
  PHOTON_TRY(auto socket, connect_unix(paths_.api_socket(), SOCK_STREAM));
  PHOTON_TRY(auto exchange, Exchange::begin(std::move(socket), {"GET", target}, stop, {}));
  while (true) {
    PHOTON_TRY(auto bytes, exchange.read());
    if (bytes.empty()) return {};
    PHOTON_CHECK(sink(bytes));
  }
}

}  // namespace photon::client
