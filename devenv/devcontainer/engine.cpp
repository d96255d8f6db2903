#include "devenv/devcontainer/engine.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "devenv/client/exchange.hpp"
#include "devenv/core/process.hpp"

namespace photon::devcontainer {
namespace {

using spec::reference::Engine;
using spec::reference::parse_strict;
using spec::reference::Value;

constexpr std::size_t most = 16 << 20;
constexpr auto patience = std::chrono::seconds(30);

/// One of the answers, each way of asking has its own.
struct Source {
  std::function<Result<std::vector<std::string>>(const std::vector<std::string>& labels)> list;
  std::function<Result<Value>(std::string_view type, const std::string& name)> inspect;
};

Source by_program(const std::string& program) {
  auto ask = [program](std::vector<std::string> words) -> Result<std::string> {
    words.insert(words.begin(), program);
    PHOTON_TRY(auto output, run(Command{.argv = std::move(words)}, {}, patience));
    if (output.status == 0) return std::move(output.out);
    std::string_view said = output.err;
    return fail(Kind::failed, "reference.engine",
                fmt::format("{} exited {}: {}", program, output.status, said.substr(0, said.find('\n'))));
  };
  Source source;
  source.list = [ask](const std::vector<std::string>& labels) -> Result<std::vector<std::string>> {
    std::vector<std::string> words{"ps", "-q", "-a"};
    for (const auto& label : labels) {
      words.emplace_back("--filter");
      words.push_back("label=" + label);
    }
    PHOTON_TRY(auto text, ask(std::move(words)));
    std::vector<std::string> ids;
    for (std::size_t at = 0; at < text.size();) {
      auto end = std::min(text.find_first_of("\r\n", at), text.size());
      if (end > at) ids.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return ids;
  };
  source.inspect = [ask](std::string_view type, const std::string& name) -> Result<Value> {
    PHOTON_TRY(auto text, ask({"inspect", "--type", std::string(type), name}));
    PHOTON_TRY(auto answer, parse_strict(text));
    return answer.at("0");
  };
  return source;
}

Source by_socket(const std::string& path) {
  auto ask = [path](std::string target) -> Result<Value> {
    PHOTON_TRY(auto socket, connect_unix(path, SOCK_STREAM));
    client::Request request{"GET", std::move(target)};
    PHOTON_TRY(auto exchange, client::Exchange::begin(std::move(socket), request, {}, patience));
    PHOTON_TRY(auto text, exchange.read_all(most));
    return parse_strict(text);
  };
  Source source;
  source.list = [ask](const std::vector<std::string>& labels) -> Result<std::vector<std::string>> {
    spec::reference::Object filters;
    filters.set("label", spec::reference::List(labels.begin(), labels.end()));
    PHOTON_TRY(auto answer,
               ask("/containers/json?all=1&filters=" + client::encoded(spec::reference::write(filters))));
    std::vector<std::string> ids;
    if (const auto* list = answer.list())
      for (const auto& one : *list) ids.push_back(one.at("Id").to_text());
    return ids;
  };
  source.inspect = [ask](std::string_view type, const std::string& name) -> Result<Value> {
    // A '/' of a name stays: it belongs to the address there.
    std::string address;
    for (char c : name) address += c == '/' ? "/" : client::encoded({&c, 1});
    return ask(fmt::format("/{}s/{}/json", type, address));
  };
  return source;
}

/// Nothing was asked for by name, so what does not answer is no reason to stop.
std::optional<Source> usual_source() {
  const char* host = std::getenv("DOCKER_HOST");
  std::string_view named = host ? host : "";
  constexpr std::string_view scheme = "unix://";
  const std::string usual = "/var/run/docker.sock";
  if (named.starts_with(scheme)) return by_socket(std::string(named.substr(scheme.size())));
  if (named.empty() && ::access(usual.c_str(), R_OK | W_OK) == 0) return by_socket(usual);
  if (find_program("docker")) return by_program("docker");
  return std::nullopt;
}

Result<std::optional<Value>> find_by(const Source& source, const std::vector<std::string>& labels) {
  PHOTON_TRY(auto ids, source.list(labels));
  for (const auto& id : ids) {
    PHOTON_TRY(auto container, source.inspect("container", id));
    const auto* state = container.at("State").at("Status").text();
    if (!state || *state != "removing") return std::optional(std::move(container));
  }
  return std::optional<Value>();
}

}  // namespace

Engine find_engine(const std::optional<std::string>& program, Log& log) {
  bool named = program && !program->empty();
  auto source = named ? by_program(*program) : usual_source();
  Engine engine;
  engine.find = [=, &log](const std::vector<std::string>& labels) -> Result<std::optional<Value>> {
    if (!source) return std::optional<Value>();
    auto found = find_by(*source, labels);
    if (found || named) return found;
    log.write(LogLevel::debug, "No containers are looked up: " + found.error().message);
    return std::optional<Value>();
  };
  engine.container = [=](const std::string& id) -> Result<Value> {
    if (!source)
      return fail(Kind::unavailable, "reference.engine", "there is no engine to ask for the container " + id,
                  "--docker-path names a program, DOCKER_HOST a socket");
    return source->inspect("container", id);
  };
  engine.image = [=, &log](const std::string& name) -> Result<std::optional<Value>> {
    std::string why = "no container engine answers";
    if (source) {
      auto found = source->inspect("image", name);
      if (found) return std::optional(std::move(*found));
      why = "it is not on this machine";
      log.write(LogLevel::debug, found.error().message);
    }
    log.write(LogLevel::warning,
              fmt::format("{}: {}, so the merge is without the metadata of this image", name, why));
    return std::optional<Value>();
  };
  return engine;
}

}  // namespace photon::devcontainer
