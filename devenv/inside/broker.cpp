#include "devenv/inside/broker.hpp"

#include <sys/socket.h>

#include <boost/json/object.hpp>

#include "devenv/core/json.hpp"

namespace photon::inside {
namespace {

struct Answer {
  json::value value;
  std::vector<Fd> fds;
};

Result<Answer> ask(const Fd& socket, const json::object& request) {
  PHOTON_CHECK(send_message(socket.get(), write_json(request)));
  PHOTON_TRY(auto message, receive_message(socket.get()));
  if (message.bytes.empty() && message.fds.empty())
    return fail(Kind::unavailable, "broker.gone", "the daemon has ended the connection",
                "devenv status starts it anew");
  PHOTON_TRY(auto value, parse_json(message.bytes, "an answer of the daemon", 1 << 16));
  if (const auto* error = member(value, "error")) return tl::unexpected(error_from_json(*error));
  return Answer{std::move(value), std::move(message.fds)};
}

std::vector<std::string> texts(const json::value& answer, std::string_view key) {
  std::vector<std::string> found;
  if (const auto* list = member(answer, key); list && list->is_array())
    for (const auto& item : list->get_array())
      if (item.is_string()) found.emplace_back(item.get_string().data(), item.get_string().size());
  return found;
}

Result<Fd> only_fd(Answer& answer) {
  if (answer.fds.size() != 1) return fail(Kind::internal, "broker.answer", "the daemon sent no descriptor");
  return std::move(answer.fds[0]);
}

}  // namespace

Result<Broker> Broker::connect(const std::string& socket_path) {
  PHOTON_TRY(Fd socket, connect_unix(socket_path, SOCK_SEQPACKET));
  return Broker(std::move(socket));
}

Result<bool> Broker::authorize(const std::string& name, const std::string& key) {
  PHOTON_TRY(auto answer, ask(socket_, {{"op", "authorize"}, {"name", name}, {"key", key}}));
  return flag_or(answer.value, "ok");
}

Result<Session> Broker::session(const std::string& name) {
  PHOTON_TRY(auto answer, ask(socket_, {{"op", "session"}, {"name", name}}));
  Session session;
  PHOTON_TRY(session.connection, only_fd(answer));
  session.user = text_or(answer.value, "user");
  session.cwd = text_or(answer.value, "cwd");
  session.shell = text_or(answer.value, "shell");
  session.env = texts(answer.value, "env");
  session.fixed = texts(answer.value, "fixed");
  return session;
}

Result<Fd> Broker::agent(const std::string& name) {
  PHOTON_TRY(auto answer, ask(socket_, {{"op", "agent"}, {"name", name}}));
  return only_fd(answer);
}

}  // namespace photon::inside
