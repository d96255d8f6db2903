#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/image/image.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool word(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

/// One part between slashes: words joined by ".", "_", "__" or dashes.
bool is_component(std::string_view text) {
  if (text.empty() || !lower_or_digit(text.front()) || !lower_or_digit(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (lower_or_digit(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && text[end] == text[i]) ++end;
    std::size_t length = end - i;
    bool fine = text[i] == '-' || (text[i] == '.' && length == 1) || (text[i] == '_' && length <= 2);
    if (!fine || !lower_or_digit(text[end])) return false;
    i = end;
  }
  return true;
}

bool is_repository(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  while (true) {
    std::size_t slash = text.find('/');
    if (!is_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && word(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return word(c) || c == '.' || c == '-'; });
}

/// Labels of letters, digits and inner dashes, joined by single dots.
bool is_host(std::string_view host) {
  char before = '.';
  for (char c : host) {
    bool sign = c == '.' || c == '-';
    if (c == '_' || !(word(c) || sign)) return false;
    if (sign && (before == '.' || (c == '.' && before == '-'))) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

/// What stands between brackets: an address of IPv6, without a zone.
bool is_address(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return text.size() < INET6_ADDRSTRLEN && text.find('\0') == std::string_view::npos &&
         ::inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) == 1;
}

bool is_registry(std::string_view text) {
  if (text.starts_with('[')) {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    if (!is_address(text.substr(1, end - 1))) return false;
    text.remove_prefix(end + 1);
  } else {
    std::string_view host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
    if (!is_host(host)) return false;
  }
  if (text.empty()) return true;
  return text.size() > 1 && text.size() <= 6 && text.front() == ':' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Error> invalid(std::string_view text, std::string_view why) {
  return fail(Kind::usage, "image.reference", fmt::format("'{}' is no image name: {}", shown(text), why),
              "write it like debian:12 or registry.example/team/image:tag");
}

}  // namespace

std::string default_registry() { return std::string("docker") + ".io"; }

std::string Reference::text() const {
  std::string all = registry + "/" + repository;
  if (!tag.empty()) all += ":" + tag;
  if (!digest.empty()) all += "@" + digest;
  return all;
}

Result<Reference> parse_reference(std::string_view text) {
  Reference reference;
  std::string_view rest = text;
  if (std::size_t at = rest.find('@'); at != std::string_view::npos) {
    reference.digest = rest.substr(at + 1);
    if (!is_sha256_digest(reference.digest)) return invalid(text, "its digest is not sha256 and 64 digits");
    rest = rest.substr(0, at);
  }
  if (std::size_t colon = rest.rfind(':'); colon != std::string_view::npos &&
                                           rest.find('/', colon) == std::string_view::npos &&
                                           rest.find(']', colon) == std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    if (!is_tag(reference.tag)) return invalid(text, "its tag has a character that is not allowed");
    rest = rest.substr(0, colon);
  }
  // Docker's rule: the first part is a host if it has a dot or a port, is localhost, or has capitals.
  std::size_t slash = rest.find('/');
  std::string_view first = slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
  bool capitals = std::any_of(first.begin(), first.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (first == "localhost" || capitals || first.find_first_of(".:[") != std::string_view::npos) {
    if (!is_registry(first)) return invalid(text, "its registry is no host name");
    reference.registry = first;
    rest.remove_prefix(slash + 1);
  } else {
    reference.registry = default_registry();
  }
  if (reference.registry == "index." + default_registry()) reference.registry = default_registry();
  reference.repository = rest;
  if (reference.registry == default_registry() && rest.find('/') == std::string_view::npos && !rest.empty())
    reference.repository = "library/" + reference.repository;
  if (!is_repository(reference.repository))
    return invalid(text, "its path may have lower-case letters, digits and . _ - only");
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

}  // namespace photon::image
