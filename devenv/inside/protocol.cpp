#include "devenv/inside/protocol.hpp"

#include <sys/socket.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/json.hpp"

namespace photon::inside {
namespace {

// Escaping may make six bytes of one; six times this stays below the 64 KiB of a message.
constexpr std::size_t most_text = 9000;

struct Answer {
  json::value value;
  std::vector<Fd> fds;
};

Error gone() {
  return Error{Kind::unavailable, "inside.gone", "the environment has ended the connection", std::nullopt,
               "devenv status shows whether it still runs"};
}

Result<Answer> receive(const Fd& connection) {
  PHOTON_TRY(auto message, receive_message(connection.get()));
  if (message.bytes.empty() && message.fds.empty()) return tl::unexpected(gone());
  PHOTON_TRY(auto value, parse_json(message.bytes, "an answer of the environment", 1 << 16));
  if (const auto* error = member(value, "error")) return tl::unexpected(error_from_json(*error));
  return Answer{std::move(value), std::move(message.fds)};
}

Result<void> send(const Fd& connection, const json::value& value, std::span<const int> fds = {}) {
  return send_message(connection.get(), write_json(value), fds);
}

Result<Answer> ask(const Fd& connection, const json::value& request) {
  PHOTON_CHECK(send(connection, request));
  return receive(connection);
}

Result<Fd> only_fd(Answer answer) {
  if (answer.fds.size() != 1)
    return fail(Kind::internal, "inside.answer", "the environment sent no descriptor");
  return std::move(answer.fds[0]);
}

/// Cuts a long request into messages: the first has what `first` has, the further ones only texts.
class Pieces {
 public:
  explicit Pieces(json::object first) : current_(std::move(first)) {}

  void add(std::string_view key, std::string_view text) {
    bool join = false;
    do {
      if (room_ == 0 || (!join && text.size() > room_ && room_ < most_text)) next();
      auto part = text.substr(0, room_);
      if (!current_.contains(key)) current_[key] = json::array();
      if (join) current_["join"] = true;
      current_[key].as_array().emplace_back(json::string_view(part.data(), part.size()));
      text.remove_prefix(part.size());
      room_ -= std::min(room_, part.size() + 8);
      join = true;
      if (!text.empty()) next();
    } while (!text.empty());
  }
  std::vector<json::object> take() {
    messages_.push_back(std::move(current_));
    return std::move(messages_);
  }

 private:
  void next() {
    current_["more"] = true;
    messages_.push_back(std::move(current_));
    current_ = {};
    room_ = most_text;
  }
  json::object current_;
  std::vector<json::object> messages_;
  std::size_t room_ = most_text;
};

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::vector<json::object> messages_of(const ExecRequest& request) {
  json::object first{{"op", "exec"}, {"cwd", request.cwd}, {"user", request.user}};
  if (request.detach) first["detach"] = true;
  if (request.strict_cwd) first["strict_cwd"] = true;
  if (request.give_stdio) first["give_stdio"] = true;
  if (request.tied) first["tied"] = true;
  if (request.tty)
    first["tty"] = {{"rows", request.tty->rows},
                    {"columns", request.tty->columns},
                    {"modes", to_hex(request.tty->modes)}};
  Pieces pieces(std::move(first));
  for (const auto& text : request.argv) pieces.add("argv", text);
  for (const auto& text : request.env) pieces.add("env", text);
  return pieces.take();
}

json::object endpoint(const char* op, const std::string& host, std::uint16_t port) {
  return {{"op", op}, {"host", host}, {"port", port}};
}

}  // namespace

Result<Fd> connect(const std::string& socket_path) { return connect_unix(socket_path, SOCK_SEQPACKET); }

Result<Running> exec(Fd connection, const ExecRequest& request, const std::vector<int>& stdio) {
  auto messages = messages_of(request);
  std::span<const int> fds = stdio;
  for (std::size_t i = 0; i < messages.size(); ++i)
    PHOTON_CHECK(send(connection, messages[i], i == 0 ? fds : std::span<const int>()));
  PHOTON_TRY(auto answer, receive(connection));
  Running running;
  running.pid = static_cast<int>(number_or(answer.value, "started"));
  if (!answer.fds.empty()) running.master = std::move(answer.fds[0]);
  if (running.pid == 0 || static_cast<bool>(running.master) != request.tty.has_value())
    return fail(Kind::internal, "inside.answer", "the environment gave an unexpected answer to exec");
  running.connection = std::move(connection);
  return running;
}

Result<Ended> wait(const Running& process) {
  PHOTON_TRY(auto answer, receive(process.connection));
  if (auto number = static_cast<int>(number_or(answer.value, "signal")); number != 0)
    return Ended{128 + number, number};
  PHOTON_TRY(auto status, number_member(answer.value, "exit"));
  return Ended{static_cast<int>(status), 0};
}

Result<void> signal(const Running& process, int number) {
  return send(process.connection, json::object{{"op", "signal"}, {"number", number}});
}

Result<Fd> connect_tcp(Fd connection, const std::string& host, std::uint16_t port) {
  PHOTON_TRY(auto answer, ask(connection, endpoint("connect", host, port)));
  return only_fd(std::move(answer));
}

Result<Fd> connect_path(Fd connection, const std::string& path) {
  PHOTON_TRY(auto answer, ask(connection, json::object{{"op", "connect"}, {"path", path}}));
  return only_fd(std::move(answer));
}

Result<Listener> listen_tcp(Fd connection, const std::string& host, std::uint16_t port) {
  PHOTON_TRY(auto answer, ask(connection, endpoint("listen", host, port)));
  auto bound = static_cast<std::uint16_t>(number_or(answer.value, "port"));
  PHOTON_TRY(Fd socket, only_fd(std::move(answer)));
  return Listener{std::move(socket), bound};
}

Result<Listener> listen_path(Fd connection, const std::string& path, unsigned mode, std::uint32_t uid) {
  PHOTON_TRY(auto answer,
             ask(connection, json::object{{"op", "listen"}, {"path", path}, {"mode", mode}, {"uid", uid}}));
  PHOTON_TRY(Fd socket, only_fd(std::move(answer)));
  return Listener{std::move(socket), 0};
}

namespace {

Result<Answer> ask_as(const Fd& connection, std::string_view op, const std::string& user,
                      const std::string& path) {
  return ask(connection, json::object{{"op", op}, {"path", path}, {"user", user}});
}

}  // namespace

Result<Fd> connect_path_as(Fd connection, const std::string& user, const std::string& path) {
  PHOTON_TRY(auto answer, ask_as(connection, "connect", user, path));
  return only_fd(std::move(answer));
}

Result<Listener> listen_path_as(Fd connection, const std::string& user, const std::string& path) {
  PHOTON_TRY(auto answer, ask_as(connection, "listen", user, path));
  PHOTON_TRY(Fd socket, only_fd(std::move(answer)));
  return Listener{std::move(socket), 0};
}

Result<void> remove_path_as(Fd connection, const std::string& user, const std::string& path) {
  PHOTON_CHECK(ask_as(connection, "remove", user, path));
  return {};
}

Result<User> lookup(Fd connection, const std::string& name) {
  PHOTON_TRY(auto answer, ask(connection, json::object{{"op", "lookup"}, {"user", name}}));
  User user;
  user.uid = static_cast<std::uint32_t>(number_or(answer.value, "uid"));
  user.gid = static_cast<std::uint32_t>(number_or(answer.value, "gid"));
  user.name = text_or(answer.value, "name");
  user.home = text_or(answer.value, "home");
  user.shell = text_or(answer.value, "shell");
  if (const auto* groups = member(answer.value, "groups"); groups && groups->is_array())
    for (const auto& group : groups->get_array())
      if (group.is_int64()) user.groups.push_back(static_cast<std::uint32_t>(group.get_int64()));
  return user;
}

Result<std::vector<ListeningPort>> ports(Fd connection) {
  PHOTON_TRY(auto answer, ask(connection, json::object{{"op", "ports"}}));
  std::vector<ListeningPort> list;
  const auto* items = member(answer.value, "ports");
  if (!items || !items->is_array()) return list;
  for (const auto& item : items->get_array())
    list.push_back({static_cast<std::uint16_t>(number_or(item, "port")), text_or(item, "address"),
                    text_or(item, "process")});
  return list;
}

Result<void> ping(Fd connection) {
  PHOTON_CHECK(ask(connection, json::object{{"op", "ping"}}));
  return {};
}

}  // namespace photon::inside
