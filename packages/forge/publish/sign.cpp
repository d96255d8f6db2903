#include "packages/forge/publish/sign.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "packages/forge/publish/key.hpp"
#include "packages/forge/publish/lock.hpp"
#include "packages/forge/publish/parallel.hpp"
#include "packages/forge/store/content.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

// A program's arguments and the wait of whoever cancels are both bounded so.
constexpr std::size_t batch = 24;

/// "SIGNED.rpm" as the link says it, if that file is there.
std::optional<Signed> find_signed(const std::string& folder, const std::string& unsigned_sha256) {
  std::error_code error;
  auto target = fs::read_symlink(folder + "/" + unsigned_sha256, error).string();
  if (error || target.size() != 68 || !is_sha256(target.substr(0, 64))) return std::nullopt;
  auto path = folder + "/" + target;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return Signed{path, target.substr(0, 64)};
}

Result<void> copy(const std::string& from, const std::string& to) {
  PHOTON_TRY(auto in, open_fd(from, O_RDONLY | O_NOFOLLOW));
  PHOTON_TRY(auto out, open_fd(to, O_WRONLY | O_CREAT | O_EXCL, 0600));
  for (;;) {
    ssize_t moved = ::copy_file_range(in.get(), nullptr, out.get(), nullptr, 1 << 30, 0);
    if (moved == 0) return {};
    if (moved > 0 || errno == EINTR) continue;
    if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
      return fail_errno("write " + to, errno);
    std::string buffer(1 << 20, '\0');
    ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0) return fail_errno("read " + from, errno);
    if (got == 0) return {};
    PHOTON_CHECK(write_all(out.get(), std::string_view(buffer).substr(0, static_cast<std::size_t>(got))));
  }
}

/// The first complaint: what follows from it comes after.
std::string complaint(const std::string& text) {
  auto at = text.find("error: ");
  at = at == std::string::npos ? 0 : at + 7;
  return text.substr(at, text.find('\n', at) - at);
}

Result<void> run_rpmsign(const std::vector<std::string>& files, const Gnupg& gnupg, const SigningKey& key,
                         const Work& work) {
  std::vector<std::string> argv = {"rpmsign"};
  for (const auto& define :
       {"_gpg_name " + key.fingerprint, "_gpg_path " + gnupg.home(), std::string("_gpg_digest_algo sha256"),
        std::string("_openpgp_sign gpg"), "__gpg " + find_program("gpg").value_or("gpg"),
        std::string("_gpg_sign_cmd_extra_args --batch --no-tty --pinentry-mode loopback")}) {
    argv.emplace_back("--define");
    argv.push_back(define);
  }
  argv.emplace_back("--addsign");
  argv.insert(argv.end(), files.begin(), files.end());
  PHOTON_TRY(auto output,
             photon::run(gnupg.command(std::move(argv)), {}, std::chrono::minutes(10), work.stop));
  if (output.status == 0) return {};
  if (free_space(fs::path(files[0]).parent_path()) < (1 << 20) ||
      output.err.find("No space left") != std::string::npos)
    return fail(
        Kind::no_space, "publish.space",
        "packages cannot be signed: the disk of " + fs::path(files[0]).parent_path().string() + " is full",
        "forge gc makes room; what is published stays as it was");
  return fail(Kind::failed, "publish.sign",
              fmt::format("rpmsign ended with {}: {}", output.status, complaint(output.err)));
}

/// Copies, signs, forces to the disk, gives the names.
Result<void> sign_batch(const std::vector<const Chosen*>& files, const std::string& folder,
                        const std::string& scratch, const Gnupg& gnupg, const SigningKey& key,
                        const Store& store, const Work& work) {
  std::vector<std::string> copies;
  for (const auto* file : files) {
    copies.push_back(scratch + "/" + file->file.sha256);
    PHOTON_CHECK(copy(store.path_of(file->file), copies.back()));
  }
  PHOTON_CHECK(run_rpmsign(copies, gnupg, key, work));
  for (std::size_t i = 0; i < files.size(); ++i) {
    PHOTON_TRY(auto sha256, sha256_file(copies[i]));
    if (sha256 == files[i]->file.sha256)
      return fail(Kind::failed, "publish.sign", "rpmsign has left " + files[i]->file.name + " unsigned");
    PHOTON_TRY(auto fd, open_fd(copies[i], O_RDONLY));
    if (::fchmod(fd.get(), 0644) < 0 || ::fdatasync(fd.get()) < 0)
      return fail_errno("write " + copies[i], errno);
    auto link = scratch + "/link-" + files[i]->file.sha256;
    if (::rename(copies[i].c_str(), (folder + "/" + sha256 + ".rpm").c_str()) < 0 ||
        ::symlink((sha256 + ".rpm").c_str(), link.c_str()) < 0 ||
        ::rename(link.c_str(), (folder + "/" + files[i]->file.sha256).c_str()) < 0)
      return fail_errno("keep " + files[i]->file.name, errno);
    checkpoint("publish.signed-one");
  }
  return {};
}

Result<void> sign_all(const std::vector<const Chosen*>& missing, const std::string& folder,
                      const SigningKey& key, const Store& store, const Work& work) {
  if (!find_program("rpmsign"))
    return fail(Kind::unavailable, "publish.sign", "rpmsign is not installed", "./photon setup installs it");
  PHOTON_TRY(auto gnupg, Gnupg::open(gnupg_home(key), work));  // and nobody else is in the scratch folder
  auto scratch = folder + "/incoming";
  PHOTON_CHECK(remove_tree(scratch));
  PHOTON_CHECK(make_directories(scratch, 0700));
  // Each of us has its share of the packages; rpmsign takes many at once, but not the program's whole time.
  std::size_t per_batch = std::min(batch, missing.size() / 2 + 1),
              batches = (missing.size() + per_batch - 1) / per_batch;
  auto result = in_parallel(batches, "sign", work, [&](std::size_t i) {
    auto begin = missing.begin() + static_cast<std::ptrdiff_t>(i * per_batch);
    auto end = i + 1 == batches ? missing.end() : begin + static_cast<std::ptrdiff_t>(per_batch);
    return sign_batch({begin, end}, folder, scratch, gnupg, key, store, work);
  });
  PHOTON_CHECK(remove_tree(scratch));
  return result;
}

}  // namespace

Result<std::vector<Signed>> sign(const std::vector<Chosen>& files, const SigningKey& key, Store& store,
                                 const Work& work) {
  auto folder = store.folder() + "/signed/" + key.fingerprint;
  std::vector<const Chosen*> missing;
  for (const auto& file : files)
    if (!find_signed(folder, file.file.sha256)) missing.push_back(&file);
  if (!missing.empty()) {
    PHOTON_CHECK(make_directories(folder, 0700));
    PHOTON_CHECK(sign_all(missing, folder, key, store, work));
  }
  std::vector<Signed> result;
  for (const auto& file : files) {
    auto found = find_signed(folder, file.file.sha256);
    if (!found)
      return fail(Kind::conflict, "publish.cache",
                  "the signed copy of " + file.file.name + " has been removed while it was needed",
                  "publish again");
    result.push_back(*std::move(found));
  }
  return result;
}

Result<std::string> signature_of(const std::string& bytes, const SigningKey& key, const Work& work) {
  PHOTON_TRY(auto gnupg, Gnupg::open(gnupg_home(key), work));
  return gnupg.run({"--armor", "--digest-algo", "SHA256", "--local-user", key.fingerprint, "--detach-sign"},
                   bytes, work);
}

}  // namespace photon::forge
