// SHA-256, as OCI writes it: "sha256:" and 64 hexadecimal digits.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace photon {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  /// Ends the sum; 64 hexadecimal digits without prefix. Call once.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
/// "sha256:…"
std::string sha256_digest(std::string_view bytes);
bool is_sha256_digest(std::string_view text);

std::string base64_encode(std::string_view bytes);
/// Empty optional: not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace photon
