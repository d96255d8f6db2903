// Requests and answers as plain values: what the routes see of HTTP. No Beast here.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "devenv/api/http/feed.hpp"
#include "devenv/core/fd.hpp"

namespace photon::http {

struct Request {
  std::string method;
  std::vector<std::string> path;  ///< segments, decoded: {"v1", "environments", "web"}
  std::map<std::string, std::string> query;
  std::string body;
  Peer peer;
};

struct Answer {
  int status = 200;
  std::string type = "application/json";
  std::string body{};
  std::shared_ptr<Feed> feed{};  ///< instead of `body`: streamed in chunks until it is closed
};

/// Called on a worker thread, so it may block.
using Handler = std::function<Answer(const Request&)>;

/// Fills `path` and `query`; an error for a target that is not one ("/a%zz", "a").
Result<void> parse_target(std::string_view target, Request& request);

}  // namespace photon::http
