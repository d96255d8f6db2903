// Digests of files by the name of the algorithm, as repositories state them.
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <array>
#include <cerrno>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"
#include "packages/rpm/download.hpp"

namespace photon::rpm {
namespace {

using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

// What can be forged today (MD5, SHA-1) is no digest to us.
const EVP_MD* algorithm(std::string_view name) {
  if (name == "sha256") return EVP_sha256();
  if (name == "sha512") return EVP_sha512();
  if (name == "sha384") return EVP_sha384();
  return name == "sha224" ? EVP_sha224() : nullptr;
}

}  // namespace

Result<bool> has_digest(const std::string& path, const std::string& digest) {
  auto colon = digest.find(':');
  const auto* kind = algorithm(std::string_view(digest).substr(0, colon));
  if (!kind || colon == std::string::npos)
    return fail(Kind::corrupt, "rpm.digest",
                fmt::format("{} is no digest that can be trusted", shown(digest)),
                "the repository has to use SHA-256 or a longer one");
  PHOTON_TRY(auto fd, open_fd(path, O_RDONLY | O_NOFOLLOW));
  Context context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), kind, nullptr);
  std::string buffer(1 << 17, '\0');
  while (true) {
    auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read " + path, errno);
    if (got == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), sum.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", sum[i]);
  return hex == std::string_view(digest).substr(colon + 1);
}

}  // namespace photon::rpm
