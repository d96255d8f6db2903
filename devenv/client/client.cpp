#include <sys/socket.h>

#include "devenv/client/client.hpp"

#include "devenv/client/exchange.hpp"

namespace photon::client {
namespace {

constexpr auto patience =
    std::chrono::minutes(5);  // a login is checked over the network, doctor starts programs

template <class T>
Result<T> as(Result<json::value> answer) {
  PHOTON_TRY(auto value, std::move(answer));
  return wire::parse<T>(value);
}

template <class T>
Result<std::vector<T>> as_list(Result<json::value> answer) {
  PHOTON_TRY(auto value, std::move(answer));
  return wire::parse_list<T>(value);
}

Result<void> as_nothing(Result<json::value> answer) {
  PHOTON_CHECK(std::move(answer));
  return {};
}

std::string environment_target(const std::string& name) { return "/v1/environments/" + encoded(name); }

}  // namespace

Result<json::value> Client::call(const std::string& method, const std::string& target,
                                 const json::value* body) {
  auto answer = call_once(method, target, body);
  // A daemon that dies just now still takes connections for a moment. What only asks may ask its successor.
  if (answer || answer.error().code != daemon_ended || method != "GET" || !starts_daemon_) return answer;
  PHOTON_TRY(*this, open());
  return call_once(method, target, body);
}

Result<json::value> Client::call_once(const std::string& method, const std::string& target,
                                      const json::value* body) {
  PHOTON_TRY(auto socket, connect_unix(paths_.api_socket(), SOCK_STREAM));
  PHOTON_TRY(auto exchange, Exchange::begin(std::move(socket), {method, target, body}, {}, patience));
  PHOTON_TRY(auto text, exchange.read_all(64 << 20));
  if (text.empty()) return json::value();
  return parse_json(text, "the daemon's answer", 64 << 20);
}

Result<wire::Version> Client::version() { return as<wire::Version>(call("GET", "/v1/version", nullptr)); }

Result<wire::DaemonStatus> Client::status() {
  return as<wire::DaemonStatus>(call("GET", "/v1/status", nullptr));
}

Result<std::vector<wire::Check>> Client::doctor() {
  return as_list<wire::Check>(call("GET", "/v1/doctor", nullptr));
}

Result<std::vector<wire::Environment>> Client::environments() {
  return as_list<wire::Environment>(call("GET", "/v1/environments", nullptr));
}

Result<wire::Environment> Client::environment(const std::string& name) {
  return as<wire::Environment>(call("GET", environment_target(name), nullptr));
}

Result<std::optional<wire::Environment>> Client::only_one(const std::string& query) {
  PHOTON_TRY(auto found, as_list<wire::Environment>(call("GET", "/v1/environments?" + query, nullptr)));
  std::optional<wire::Environment> first;
  if (!found.empty()) first = std::move(found.front());
  return first;
}

Result<std::optional<wire::Environment>> Client::environment_of(const std::string& folder) {
  return only_one("folder=" + encoded(folder));
}

Result<std::optional<wire::Environment>> Client::environment_with(const std::vector<std::string>& labels) {
  json::array list;
  for (const auto& label : labels) list.emplace_back(label);
  return only_one("labels=" + encoded(write_json(list)));
}

Result<std::optional<wire::Environment>> Client::environment_by_id(const std::string& id) {
  return only_one("id=" + encoded(id));
}

Result<wire::Container> Client::container(const std::string& name) {
  return as<wire::Container>(call("GET", environment_target(name) + "/container", nullptr));
}

Result<wire::Operation> Client::up(const wire::Up& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/environments", &body));
}

Result<wire::Operation> Client::build(const wire::Build& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/builds", &body));
}

Result<wire::Operation> Client::make_prebuild(const wire::MakePrebuild& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/prebuilds", &body));
}

Result<std::vector<wire::Prebuild>> Client::prebuilds() {
  return as_list<wire::Prebuild>(call("GET", "/v1/prebuilds", nullptr));
}

Result<void> Client::remove_prebuild(const std::string& id) {
  return as_nothing(call("DELETE", "/v1/prebuilds/" + encoded(id), nullptr));
}

Result<wire::Operation> Client::act(const std::string& name, const std::string& verb,
                                    const wire::Caller& caller) {
  auto body = to_json(caller);
  return as<wire::Operation>(call("POST", environment_target(name) + "/" + encoded(verb), &body));
}

Result<wire::Operation> Client::remove(const std::string& name, bool confirmed) {
  auto target = environment_target(name) + (confirmed ? "?confirmed=true" : "");
  return as<wire::Operation>(call("DELETE", target, nullptr));
}

Result<std::vector<wire::Port>> Client::ports(const std::string& name) {
  return as_list<wire::Port>(call("GET", environment_target(name) + "/ports", nullptr));
}

Result<wire::Port> Client::publish(const std::string& name, const wire::Publish& request) {
  auto body = to_json(request);
  return as<wire::Port>(call("POST", environment_target(name) + "/ports", &body));
}

Result<void> Client::unpublish(const std::string& name, unsigned port) {
  return as_nothing(call("DELETE", fmt::format("{}/ports/{}", environment_target(name), port), nullptr));
}

Result<std::vector<wire::Operation>> Client::operations() {
  return as_list<wire::Operation>(call("GET", "/v1/operations", nullptr));
}

Result<void> Client::cancel(const std::string& operation) {
  return as_nothing(call("DELETE", "/v1/operations/" + encoded(operation), nullptr));
}

Result<std::vector<wire::Image>> Client::images(bool all) {
  return as_list<wire::Image>(call("GET", all ? "/v1/images?all=true" : "/v1/images", nullptr));
}

Result<void> Client::remove_image(const std::string& name) {
  return as_nothing(call("DELETE", "/v1/images?name=" + encoded(name), nullptr));
}

Result<wire::Operation> Client::import_image(const wire::Import& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/images/import", &body));
}

Result<wire::Operation> Client::export_image(const wire::Export& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/images/export", &body));
}

Result<wire::Operation> Client::pull_image(const wire::Pull& request) {
  auto body = to_json(request);
  return as<wire::Operation>(call("POST", "/v1/images/pull", &body));
}

Result<std::uint64_t> Client::collect_images() {
  PHOTON_TRY(auto answer, call("POST", "/v1/images/gc", nullptr));
  PHOTON_TRY(auto freed, number_member(answer, "freed"));
  return static_cast<std::uint64_t>(freed);
}

Result<std::vector<std::string>> Client::logins() {
  PHOTON_TRY(auto answer, call("GET", "/v1/logins", nullptr));
  std::vector<std::string> all;
  if (!answer.is_array()) return fail(Kind::internal, "client.logins", "a list was expected");
  for (const auto& item : answer.get_array())
    if (item.is_string()) all.emplace_back(item.get_string().data(), item.get_string().size());
  return all;
}

Result<void> Client::login(const wire::Login& request) {
  auto body = to_json(request);
  return as_nothing(call("POST", "/v1/logins", &body));
}

Result<void> Client::logout(const std::string& registry) {
  return as_nothing(call("DELETE", "/v1/logins?registry=" + encoded(registry), nullptr));
}

Result<void> Client::shut_down(bool all) {
  return as_nothing(call("POST", all ? "/v1/shutdown?all=true" : "/v1/shutdown", nullptr));
}

Result<inside::Broker> Client::broker() { return inside::Broker::connect(paths_.broker_socket()); }

}  // namespace photon::client
