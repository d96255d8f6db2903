// HTTP and JSON in both directions.
#include <sys/socket.h>

#include "devenv/api/http/message.hpp"
#include "devenv/api/wire/wire.hpp"
#include "devenv/client/exchange.hpp"
#include "devenv/core/digest.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

template <class T>
void round_trip(const json::value& value) {
  auto first = wire::parse<T>(value);
  if (!first) return;
  auto text = write_json(wire::to_json(*first));
  auto second = wire::parse<T>(wire::to_json(*first));
  expect(second && write_json(wire::to_json(*second)) == text, "a body is read as it was written");
}

}  // namespace

void wire(std::string_view input) {
  auto value = parse_json(input, "a body");
  if (!value) return;
  round_trip<photon::wire::Version>(*value);
  round_trip<photon::wire::DaemonStatus>(*value);
  round_trip<photon::wire::Check>(*value);
  round_trip<photon::wire::Port>(*value);
  round_trip<photon::wire::Environment>(*value);
  round_trip<photon::wire::Caller>(*value);
  round_trip<photon::wire::Up>(*value);
  round_trip<photon::wire::Publish>(*value);
  round_trip<photon::wire::Import>(*value);
  round_trip<photon::wire::Image>(*value);
  round_trip<photon::wire::Login>(*value);
  round_trip<photon::wire::Change>(*value);
  round_trip<photon::wire::Operation>(*value);
  (void)error_from_json(*value);
}

void http_target(std::string_view input) {
  http::Request request;
  if (!http::parse_target(input, request)) return;
  for (const auto& part : request.path) expect(part.size() <= input.size(), "decoding makes nothing longer");
}

/// The CLI's side: an answer of a daemon, or of what is taken for one.
void http_answer(std::string_view input) {
  auto pair = make_socketpair(SOCK_STREAM);
  expect(pair && write_all(pair->second.get(), input), "the test's own sockets");
  ::shutdown(pair->second.get(), SHUT_WR);
  auto exchange =
      client::Exchange::begin(std::move(pair->first), {"GET", "/v1/version"}, {}, std::chrono::seconds(5));
  if (!exchange) return;
  auto body = exchange->read_all(1 << 20);
  if (body) expect(body->size() <= input.size(), "a body is part of the answer");
}

void encodings(std::string_view input) {
  auto back = base64_decode(base64_encode(input));
  expect(back && *back == input, "base64 is read as it was written");
  (void)base64_decode(input);
  expect(is_sha256_digest(sha256_digest(input)), "a digest looks like one");
  (void)is_sha256_digest(input);
}

}  // namespace photon::fuzz
