// One HTTP request at a time by libcurl, with the rules that a registry needs.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::image {

struct Request {
  std::string url;
  std::vector<std::string> headers{};  ///< "Name: value"; Authorization does not follow to another host
  std::string method{};                ///< empty: GET, or POST with a form
  std::string form{};                  ///< posted, unless empty
  std::string_view body{};             ///< sent by PUT and POST; outlives the call
  std::string ca_file{};
  bool follow = true;           ///< redirects
  std::size_t limit = 8 << 20;  ///< of a body that is kept
  /// Gets the body of an answer 200 or 206; the status comes with it. Others are kept.
  std::function<Result<void>(long, std::string_view)> sink{};
};

struct Response {
  long status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case, of the last answer
  std::vector<std::string> challenges;         ///< each WWW-Authenticate
  std::string body;
  std::string url;  ///< that answered: another one than was asked after a redirect
};

/// Keeps its connections; used by one thread at a time.
class Http {
 public:
  Http();
  ~Http();
  /// Kind unavailable: no answer, or one that broke off.
  Result<Response> send(const Request& request, std::stop_token stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string url_encode(std::string_view text);

}  // namespace photon::image
