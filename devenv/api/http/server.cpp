#include "devenv/api/http/server.hpp"

#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "devenv/core/json.hpp"

namespace photon::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local, asio::any_io_executor>;
using Parser = beast::http::request_parser<beast::http::string_body>;
using boost::system::error_code;
// Every operation gives (error, …) and never throws; results are named before they are used, since g++ 12
// breaks some expressions with a co_await inside.
constexpr auto plain = asio::as_tuple(asio::use_awaitable);

Answer refusal(int status, std::string_view kind, std::string_view code, std::string_view message) {
  Error error{kind_from(kind).value_or(Kind::usage), std::string(code), std::string(message)};
  return {.status = status, .body = write_json(json::value{{"error", to_json(error)}})};
}

Answer refusal_of(error_code error) {
  if (error == beast::http::error::body_limit)
    return refusal(413, "usage", "http.body", "the request is too large");
  if (error == beast::http::error::header_limit)
    return refusal(431, "usage", "http.header", "the request's headers are too large");
  return refusal(400, "usage", "http.syntax", "the request is not HTTP/1.1");
}

/// What the loop waits for without waking up: a worker's answer, or bytes of a feed.
struct Signal {
  explicit Signal(const asio::any_io_executor& on) : executor(on), timer(on) {}
  asio::any_io_executor executor;
  asio::steady_timer timer;
  /// From any thread. Runs on the loop after whoever looked and found nothing has begun to wait.
  static void raise(const std::shared_ptr<Signal>& self) {
    asio::post(self->executor, [self] { self->timer.cancel(); });
  }
};

}  // namespace

struct Server::State : std::enable_shared_from_this<State> {
  State(asio::io_context& on, Pool& pool, Handler answer, std::function<bool(const Peer&)> who, Limits most)
      : loop(on), workers(pool), handler(std::move(answer)), admit(std::move(who)), limits(most) {}

  asio::io_context& loop;
  Pool& workers;
  Handler handler;
  std::function<bool(const Peer&)> admit;
  Limits limits;
  std::vector<std::shared_ptr<Local::acceptor>> acceptors;
  std::set<std::shared_ptr<Feed>> feeds;
  unsigned connections = 0;
  bool stopped = false;

  asio::awaitable<void> accept(std::shared_ptr<Local::acceptor> acceptor);
  asio::awaitable<void> serve(Local::socket socket);
  asio::awaitable<void> converse(Stream& stream);
  asio::awaitable<void> drain(Stream& stream);
  asio::awaitable<Answer> ask(Request request);
  asio::awaitable<void> send(Stream& stream, Answer answer);
  asio::awaitable<void> send_feed(Stream& stream, Answer answer);
  asio::awaitable<error_code> write(Stream& stream, std::string bytes);
};

asio::awaitable<void> Server::State::accept(std::shared_ptr<Local::acceptor> acceptor) {
  auto self = shared_from_this();
  while (!stopped) {
    auto [error, socket] = co_await acceptor->async_accept(plain);
    if (error == asio::error::operation_aborted) break;
    if (error) {  // no descriptors left, say: wait a little instead of spinning
      asio::steady_timer pause(loop, std::chrono::milliseconds(200));
      co_await pause.async_wait(plain);
      continue;
    }
    if (connections >= limits.connections) continue;
    asio::co_spawn(loop, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> Server::State::serve(Local::socket socket) {
  auto self = shared_from_this();
  ++connections;
  Stream stream(std::move(socket));
  co_await converse(stream);
  error_code ignored;
  stream.socket().shutdown(Local::socket::shutdown_both, ignored);
  --connections;
}

asio::awaitable<void> Server::State::converse(Stream& stream) {
  auto peer = peer_of(stream.socket().native_handle());
  if (!peer || !admit(*peer)) {
    co_await send(stream, refusal(403, "denied", "http.peer", "this socket belongs to another user"));
    co_return;
  }
  beast::flat_buffer buffer;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header));
  parser.body_limit(limits.body);
  stream.expires_after(limits.slow);
  auto [error, size] = co_await beast::http::async_read(stream, buffer, parser, plain);
  // A client that was too slow finds its connection closed: Beast's time-out has closed it.
  bool gone = error == beast::http::error::end_of_stream || error == asio::error::connection_reset ||
              error == beast::error::timeout;
  if (gone) co_return;
  if (error) {
    co_await send(stream, refusal_of(error));
    co_await drain(stream);
    co_return;
  }
  Request request;
  auto message = parser.release();
  request.method = std::string(message.method_string());
  request.peer = *peer;
  request.body = std::move(message.body());
  auto target = message.target();
  auto parsed = parse_target(std::string_view(target.data(), target.size()), request);
  if (!parsed) {
    co_await send(stream, refusal(400, "usage", parsed.error().code, parsed.error().message));
    co_return;
  }
  Answer answer = co_await ask(std::move(request));
  co_await send(stream, std::move(answer));
}

/// Reads what a refused client still sends, for a while: closing with unread bytes would make the kernel
/// throw our answer away.
asio::awaitable<void> Server::State::drain(Stream& stream) {
  error_code ignored;
  stream.socket().shutdown(Local::socket::shutdown_send, ignored);
  stream.expires_after(std::chrono::seconds(2));
  std::string bytes(16 << 10, '\0');
  while (true) {
    auto [error, size] = co_await stream.async_read_some(asio::buffer(bytes), plain);
    if (error) break;
  }
}

asio::awaitable<Answer> Server::State::ask(Request request) {
  auto executor = co_await asio::this_coro::executor;
  auto signal = std::make_shared<Signal>(executor);
  auto answer =
      std::make_shared<Answer>(refusal(503, "unavailable", "http.stopping", "the daemon is stopping"));
  signal->timer.expires_at(asio::steady_timer::time_point::max());
  auto self = shared_from_this();
  bool taken = workers.run([self, signal, answer, request = std::move(request)](const std::stop_token&) {
    *answer = self->handler(request);
    Signal::raise(signal);
  });
  if (taken) co_await signal->timer.async_wait(plain);
  co_return std::move(*answer);
}

asio::awaitable<error_code> Server::State::write(Stream& stream, std::string bytes) {
  stream.expires_after(limits.slow);
  auto [error, size] = co_await asio::async_write(stream, asio::buffer(bytes), plain);
  stream.expires_never();
  co_return error;
}

asio::awaitable<void> Server::State::send(Stream& stream, Answer answer) {
  if (answer.feed) {
    co_await send_feed(stream, std::move(answer));
    co_return;
  }
  std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.status,
      std::string(
          beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(answer.status)))),
      answer.type, answer.body.size());
  co_await write(stream, head + answer.body);
}

asio::awaitable<void> Server::State::send_feed(Stream& stream, Answer answer) {
  auto executor = co_await asio::this_coro::executor;
  auto signal = std::make_shared<Signal>(executor);
  auto feed = answer.feed;
  feeds.insert(feed);
  feed->attach([signal] { Signal::raise(signal); });
  // Nothing more is expected from the client: readable means that it has gone.
  auto left = [feed, signal](error_code) {
    feed->leave();
    signal->timer.cancel();
  };
  stream.socket().async_wait(Local::socket::wait_read, left);
  std::string head = fmt::format(
      "HTTP/1.1 {} OK\r\nContent-Type: {}\r\nCache-Control: no-store\r\nTransfer-Encoding: "
      "chunked\r\nConnection: "
      "close\r\n\r\n",
      answer.status, answer.type);
  error_code error = co_await write(stream, std::move(head));
  while (!error && !stopped && !feed->gone().stop_requested()) {
    auto taken = feed->take();
    if (!taken.bytes.empty())
      error = co_await write(stream, fmt::format("{:x}\r\n{}\r\n", taken.bytes.size(), taken.bytes));
    if (taken.closed && taken.bytes.empty()) {
      error = co_await write(stream, "0\r\n\r\n");
      break;
    }
    if (error || !taken.bytes.empty()) continue;
    if (feed->keep_alive().empty()) {
      signal->timer.expires_at(asio::steady_timer::time_point::max());
    } else {
      signal->timer.expires_after(limits.keep_alive);
    }
    auto [woken] = co_await signal->timer.async_wait(plain);
    if (!woken)
      error = co_await write(stream,
                             fmt::format("{:x}\r\n{}\r\n", feed->keep_alive().size(), feed->keep_alive()));
  }
  feed->leave();
  feeds.erase(feed);
}

Server::Server(asio::io_context& loop, Pool& workers, Handler handler, std::function<bool(const Peer&)> admit,
               Limits limits)
    : state_(std::make_shared<State>(loop, workers, std::move(handler), std::move(admit), limits)) {}

Server::~Server() = default;

Result<void> Server::listen(Fd socket) {
  auto acceptor = std::make_shared<Local::acceptor>(state_->loop);
  error_code error;
  acceptor->assign(Local(), socket.get(), error);
  if (error)
    return fail(Kind::internal, "http.listen", "cannot use the listening socket: " + error.message());
  static_cast<void>(socket.release());
  state_->acceptors.push_back(acceptor);
  asio::co_spawn(state_->loop, state_->accept(acceptor), asio::detached);
  return {};
}

void Server::stop() {
  state_->stopped = true;
  for (auto& acceptor : state_->acceptors) {
    error_code ignored;
    acceptor->close(ignored);
  }
  auto feeds = state_->feeds;
  for (const auto& feed : feeds) feed->close();
}

}  // namespace photon::http
