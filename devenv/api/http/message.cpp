#include "devenv/api/http/message.hpp"

namespace photon::http {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0))
      return fail(Kind::usage, "http.target", "the address has a wrong % sequence");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// The part before `mark`, which is taken off `text`.
std::string_view part(std::string_view& text, char mark) {
  auto end = text.find(mark);
  auto found = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return found;
}

}  // namespace

Result<void> parse_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) return fail(Kind::usage, "http.target", "the address does not begin with /");
  auto path = part(target, '?');
  path.remove_prefix(1);
  while (!path.empty()) {
    PHOTON_TRY(auto segment, decoded(part(path, '/')));
    request.path.push_back(std::move(segment));
  }
  while (!target.empty()) {
    auto pair = part(target, '&');
    PHOTON_TRY(auto key, decoded(part(pair, '=')));
    PHOTON_TRY(auto value, decoded(pair));
    request.query[key] = value;
  }
  return {};
}

}  // namespace photon::http
