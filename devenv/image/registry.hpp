// The distribution API of one registry, or of a mirror of it: manifests, blobs and tags, with its ways to log
// in.
#pragma once
#include <functional>
#include <mutex>

#include "devenv/image/http.hpp"
#include "devenv/image/image.hpp"

namespace photon::image {

/// A WWW-Authenticate header: Bearer realm="…",service="…",scope="…", or Basic.
struct Challenge {
  std::string scheme;  ///< in lower case
  std::map<std::string, std::string> fields;
};
Challenge parse_challenge(std::string_view header);

/// Where a registry is reached.
struct Endpoint {
  std::string host;  ///< what a login and an error name
  std::string base;  ///< "https://host", without a slash at the end
};
bool speaks_plain_http(const std::string& host, const RegistryOptions& options);
/// Mirrors first, the registry itself last.
std::vector<Endpoint> endpoints(const std::string& registry, const RegistryOptions& options);

/// The code of an error: there was no answer, or one that broke off. Any other one is what a registry said.
inline constexpr std::string_view unreachable = "image.unreachable";

/// Who is told of logins, and may forbid one.
struct AuthWatch {
  /// Before a login is sent: what was asked, the address that wants a login for it, and the one that would
  /// give a token ("" = the login itself is sent). An error ends the request.
  std::function<Result<void>(const std::string& asked, const std::string& challenger,
                             const std::string& realm)>
      challenged;
  /// The answer with the token came from another address than was asked.
  std::function<void()> token_moved;
  bool tokens_stay = false;  ///< a token's address has to answer itself
};

class Registry {
 public:
  /// `login` is asked for at most once, when the registry wants one.
  using AskLogin = std::function<Result<Login>(const std::string& host)>;
  Registry(Endpoint endpoint, std::string repository, std::string ca_file, AskLogin login);

  struct Fetched {
    std::string bytes;
    std::string media_type;
    std::string digest;
  };
  /// `name` is a tag or a digest; a digest is checked.
  Result<Fetched> manifest(const std::string& name, std::stop_token stop);
  /// Calls `sink` with the place of its bytes in the blob: `offset` on, or 0 from a server that knows no
  /// ranges.
  Result<void> blob(const std::string& digest, std::uint64_t offset,
                    const std::function<Result<void>(std::uint64_t at, std::string_view)>& sink,
                    std::stop_token stop);
  /// Whether the login is accepted.
  Result<void> ping(std::stop_token stop);
  /// All tags, in the registry's order. Kind not_found: there is no such repository.
  Result<std::vector<std::string>> tags(std::stop_token stop);

  // registry_push.cpp
  Result<bool> has_blob(const std::string& digest, std::stop_token stop);
  Result<void> push_blob(const std::string& digest, std::string_view bytes, std::stop_token stop);
  /// Under a tag or a digest; a registry that is asked too often is asked once more.
  Result<void> push_manifest(const std::string& name, std::string_view media_type, std::string_view bytes,
                             std::stop_token stop);

  /// Before the first request.
  void watch(AuthWatch watch) { watch_ = std::move(watch); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  /// With a login, if one is asked for and the address is the registry's own.
  Result<Response> send(Request request, std::stop_token stop);
  Result<std::string> authorize(const Response& challenge, const std::string& asked, std::stop_token stop);
  Result<std::string> token(const Challenge& challenge, const Login& login, std::stop_token stop);
  Result<Response> exchange(const Request& request, std::stop_token stop);
  tl::unexpected<Error> refused(const Response& response, const std::string& what) const;

  Endpoint endpoint_;
  std::string repository_;
  std::string ca_file_;
  AskLogin ask_login_;
  AuthWatch watch_;
  std::mutex mutex_;
  std::string authorization_;  ///< the header's value that was accepted last
  std::vector<std::unique_ptr<Http>> idle_;
};

}  // namespace photon::image
