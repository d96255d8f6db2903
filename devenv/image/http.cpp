#include "devenv/image/http.hpp"

#include <mutex>
#include <optional>

#include "devenv/image/handle.hpp"

namespace photon::image {
namespace {

struct Exchange {
  CURL* curl;
  const Request& request;
  std::stop_token stop;
  Response response;
  std::optional<Error> trouble;  ///< of the sink
};

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& response = static_cast<Exchange*>(self)->response;
  std::string_view line(bytes, size);
  if (line.starts_with("HTTP/")) {  // after a redirect, the next answer begins
    response.headers.clear();
    response.challenges.clear();
    response.body.clear();
    return size;
  }
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::string_view(" \t").find(value.front()) != std::string_view::npos)
    value.remove_prefix(1);
  while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  if (name == "www-authenticate") response.challenges.emplace_back(value);
  response.headers[name] = value;
  return size;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (exchange.stop.stop_requested()) return 0;
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  if (exchange.request.sink && (status == 200 || status == 206)) {
    if (auto done = exchange.request.sink(status, {bytes, size}); !done) {
      exchange.trouble = std::move(done.error());
      return 0;
    }
    return size;
  }
  if (exchange.response.body.size() + size > exchange.request.limit) {
    exchange.trouble = Error{Kind::corrupt, "http.too-large",
                             fmt::format("the answer is larger than {} bytes", exchange.request.limit)};
    return 0;
  }
  exchange.response.body.append(bytes, size);
  return size;
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(self)->stop.stop_requested() ? 1 : 0;
}

void set_up(CURL* curl, Exchange& exchange, const curl_slist* headers) {
  const Request& request = exchange.request;
  bool safe = request.url.starts_with("https:");
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "devenv");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, safe ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, safe ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.follow ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 8L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 512L * 1024);
  if (!request.ca_file.empty()) {
    // The folder of the system's certificates stays in force beside it.
    curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, "/etc/ssl/certs");
  }
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (!request.method.empty()) {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data() ? request.body.data() : "");
  } else if (!request.form.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.form.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.form.data());
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
}

}  // namespace

struct Http::State {
  Curl curl;
};

Http::Http() : state_(std::make_unique<State>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  state_->curl.reset(curl_easy_init());
}
Http::~Http() = default;

Result<Response> Http::send(const Request& request, std::stop_token stop) {
  CURL* curl = state_->curl.get();
  if (!curl) return fail(Kind::internal, "http.init", "libcurl could not be started");
  CurlList headers;
  for (const auto& line : request.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (!longer) return fail(Kind::internal, "http.memory", "there is no memory for a request");
    (void)headers.release();
    headers.reset(longer);
  }
  Exchange exchange{curl, request, std::move(stop), {}, {}};
  set_up(curl, exchange, headers.get());
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  CURLcode code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (exchange.trouble) return tl::unexpected(std::move(*exchange.trouble));
  if (exchange.stop.stop_requested()) return cancelled();
  if (code != CURLE_OK) {
    bool broken = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
    return fail(Kind::unavailable, broken ? "http.certificate" : "http.transport",
                *detail ? detail : curl_easy_strerror(code));
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &exchange.response.status);
  const char* url = nullptr;
  curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
  if (url) exchange.response.url = url;
  return std::move(exchange.response);
}

std::string url_encode(std::string_view text) {
  CurlText encoded(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  return encoded ? encoded.get() : "";
}

}  // namespace photon::image
