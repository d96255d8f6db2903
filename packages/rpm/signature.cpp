#include "packages/rpm/signature.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <thread>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/undo.hpp"
#include "packages/rpm/framing.hpp"
#include "packages/rpm/librpm.hpp"

namespace photon::rpm {
namespace {

constexpr std::string_view again =
    "fetch it again; if that does not help, the repository is not to be trusted";

bool has_signature(::Header header) {
  return headerIsEntry(header, RPMTAG_RSAHEADER) || headerIsEntry(header, RPMTAG_DSAHEADER);
}

Result<HeaderHandle> signed_header(const std::string& path, int fd, std::span<const std::string> keys) {
  PHOTON_TRY(auto keyring, keyring_of(keys));
  Messages messages;
  TransactionHandle set(rpmtsCreate());
  rpmtsSetKeyring(set.get(), keyring.get());
  rpmtsSetVSFlags(set.get(), keys.empty() ? RPMVSF_MASK_NOSIGNATURES | RPMVSF_NEEDPAYLOAD
                                          : rpmVSFlags(RPMVSF_NEEDPAYLOAD));
  FileHandle file(fdDup(fd));
  ::Header raw = nullptr;
  auto status = file ? rpmReadPackageFile(set.get(), file.get(), path.c_str(), &raw) : RPMRC_FAIL;
  HeaderHandle header(raw);
  if (!keys.empty() && header && !has_signature(header.get()))
    return fail_at({path}, Kind::corrupt, "rpm.unsigned", "the package is not signed", std::string(again));
  if (status == RPMRC_NOKEY || status == RPMRC_NOTTRUSTED)
    return fail_at({path}, Kind::corrupt, "rpm.signature",
                   "the package is signed by a key that is not trusted here", std::string(again));
  if (status != RPMRC_OK || !header) {
    auto why = messages.last();
    return fail_at({path}, Kind::corrupt, "rpm.signature",
                   why.empty() ? "the package's header or signature is forged or damaged"
                               : "the package is refused: " + why,
                   std::string(again));
  }
  return header;
}

// The header is signed and states the payload's digest; this closes the chain.
Result<void> verify_payload(const std::string& path, int fd, const Framing& framing, ::Header header) {
  struct rpmtd_s stated{};
  std::string expected;
  if (headerGet(header, RPMTAG_PAYLOADDIGEST, &stated, HEADERGET_MINMEM)) {
    if (const char* text = rpmtdGetString(&stated)) expected = text;
    rpmtdFreeData(&stated);
  }
  if (expected.size() != 64 || headerGetNumber(header, RPMTAG_PAYLOADDIGESTALGO) != 8)
    return fail_at({path}, Kind::corrupt, "rpm.digest", "the package states no SHA-256 of its payload",
                   "it was built by a rpm older than 4.14; build it again");
  Sha256 sum;
  std::string buffer(1 << 17, '\0');
  for (auto at = framing.payload; at < framing.size;) {
    auto got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read " + path, errno);
    if (got == 0) break;
    sum.update({buffer.data(), static_cast<std::size_t>(got)});
    at += static_cast<std::uint64_t>(got);
  }
  if (sum.hex() != expected)
    return fail_at({path}, Kind::corrupt, "rpm.digest", "the package's payload is not what its header says",
                   std::string(again));
  return {};
}

}  // namespace

Result<std::string> dearmour(std::string_view text) {
  auto bad = [] {
    return fail(Kind::usage, "rpm.key", "this is no ASCII-armoured OpenPGP block",
                "export it by gpg --armor --export");
  };
  auto begin = text.find("-----BEGIN PGP ");
  if (begin == text.npos) return bad();
  auto body = text.find('\n', begin);
  auto end = text.find("-----END PGP ", begin);
  if (body == text.npos || end == text.npos || body > end) return bad();
  std::string base64, line;
  bool in_headers = true;
  for (char c : text.substr(body + 1, end - body - 1)) {
    if (c == '\r') continue;
    if (c != '\n') {
      line += c;
      continue;
    }
    // Headers ("Comment: …") end at an empty line, the checksum begins with "=".
    if (in_headers && (line.empty() || line.find(": ") == std::string::npos)) in_headers = false;
    if (!in_headers && !line.starts_with('=')) base64 += line;
    line.clear();
  }
  auto bytes = base64_decode(base64);
  if (!bytes || bytes->empty()) return bad();
  return *bytes;
}

Result<KeyringHandle> keyring_of(std::span<const std::string> keys) {
  KeyringHandle keyring(rpmKeyringNew());
  for (const auto& text : keys) {
    PHOTON_TRY(auto bytes, dearmour(text));
    PublicKeyHandle key(rpmPubkeyNew(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    if (!key) return fail(Kind::usage, "rpm.key", "this is no OpenPGP public key that rpm understands");
    rpmKeyringAddKey(keyring.get(), key.get());
    int count = 0;
    rpmPubkey* subkeys = rpmGetSubkeys(key.get(), &count);
    for (int i = 0; subkeys && i < count; ++i) {
      rpmKeyringAddKey(keyring.get(), subkeys[i]);
      rpmPubkeyFree(subkeys[i]);
    }
    std::free(subkeys);
  }
  return keyring;
}

Result<void> verify_package(const std::string& path, std::span<const std::string> keys) {
  PHOTON_CHECK(start_librpm());
  PHOTON_TRY(auto fd, open_fd(path, O_RDONLY | O_NOCTTY | O_NONBLOCK));
  PHOTON_TRY(auto framing, read_framing(fd.get(), path));
  auto outside = outside_of_fork();
  PHOTON_TRY(auto header, signed_header(path, fd.get(), keys));
  return verify_payload(path, fd.get(), framing, header.get());
}

Result<void> verify_packages(std::span<const std::string> paths, std::span<const std::string> keys,
                             const Work& work) {
  std::atomic<std::size_t> next = 0, done = 0;
  std::mutex guard;
  Result<void> result;
  auto worker = [&] {
    for (std::size_t i = next++; i < paths.size(); i = next++) {
      auto one = work.stopped() ? Result<void>(cancelled()) : verify_package(paths[i], keys);
      std::scoped_lock lock(guard);
      if (!one && result) result = std::move(one);
      if (!result) return;
      work.report({.step = "verify",
                   .subject = std::filesystem::path(paths[i]).filename(),
                   .done = ++done,
                   .total = paths.size()});
    }
  };
  {
    std::vector<std::jthread> threads;
    auto count = std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), paths.size());
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back(worker);
    worker();
  }
  work.report({.step = "verify",
               .subject = fmt::format("{} packages", done.load()),
               .done = done,
               .total = paths.size(),
               .finished = true});
  return result;
}

Result<void> verify_detached(const std::string& data, const std::string& signature,
                             std::span<const std::string> keys, const std::string& name) {
  if (keys.empty())
    return fail(Kind::denied, "rpm.keys", fmt::format("no key is known for {}", name),
                "give the repository's public key");
  std::string folder = std::filesystem::temp_directory_path().string() + "/photon-gpgv-XXXXXX";
  if (!::mkdtemp(folder.data())) return fail_errno("make a folder in TMPDIR", errno);
  Finally gone([&] {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  });
  std::string ring;
  for (const auto& key : keys) {
    PHOTON_TRY(auto bytes, dearmour(key));
    ring += bytes;
  }
  PHOTON_CHECK(write_file(folder + "/keys", ring));
  PHOTON_CHECK(write_file(folder + "/signature", signature));
  PHOTON_CHECK(write_file(folder + "/data", data));
  PHOTON_TRY(auto output, run({.argv = {"gpgv", "--homedir", folder, "--status-fd", "1", "--keyring",
                                        folder + "/keys", folder + "/signature", folder + "/data"}}));
  auto says = [&](std::string_view word) {
    return output.out.find(fmt::format("[GNUPG:] {} ", word)) != std::string::npos;
  };
  bool good = output.status == 0 && says("GOODSIG") && says("VALIDSIG");
  for (auto word : {"BADSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "ERRSIG"}) good = good && !says(word);
  if (good) return {};
  auto why = says("BADSIG")      ? "the signature does not belong to these bytes"
             : says("EXPKEYSIG") ? "its key has expired"
             : says("REVKEYSIG") ? "its key has been revoked"
             : says("NO_PUBKEY") ? "it is by none of the keys that are trusted here"
                                 : "it cannot be read";
  return fail(Kind::corrupt, "rpm.signature", fmt::format("the signature of {} is refused: {}", name, why),
              std::string(again));
}

}  // namespace photon::rpm
