#include "packages/rpm/download.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"

namespace photon::rpm {
namespace {

using Multi = Handle<CURLM, curl_multi_cleanup>;
using Easy = Handle<CURL, curl_easy_cleanup>;

std::uint64_t size_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// One file on its way.
struct Transfer {
  Download wanted;
  Easy easy;
  Fd file;
  std::uint64_t begin = 0, got = 0;  ///< what was there, what has come in this attempt
  unsigned attempt = 0;
  int disk_error = 0;
  bool too_long = false;
  std::string message = std::string(CURL_ERROR_SIZE, '\0');

  [[nodiscard]] std::string part() const { return wanted.to + ".part"; }
  [[nodiscard]] std::uint64_t most() const { return wanted.size != 0 ? wanted.size : wanted.limit; }
};

std::size_t receive(char* bytes, std::size_t one, std::size_t count, void* raw) {
  auto& transfer = *static_cast<Transfer*>(raw);
  auto length = one * count;
  // A server that ignores the range begins anew: so does the file.
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.got == 0 && transfer.begin > 0 && status == 200) {
    transfer.begin = 0;
    if (::ftruncate(transfer.file.get(), 0) != 0 || ::lseek(transfer.file.get(), 0, SEEK_SET) != 0) {
      transfer.disk_error = errno;
      return 0;
    }
  }
  if (transfer.begin + transfer.got + length > transfer.most()) {
    transfer.too_long = true;
    return 0;
  }
  for (std::size_t done = 0; done < length;) {
    auto wrote = ::write(transfer.file.get(), bytes + done, length - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      transfer.disk_error = errno;
      return 0;
    }
    done += static_cast<std::size_t>(wrote);
  }
  transfer.got += length;
  return length;
}

class Downloads {
 public:
  Downloads(std::vector<Download> wanted, const DownloadOptions& options, const Work& work)
      : options_(options), work_(work), multi_(curl_multi_init()) {
    total_ = wanted.size();
    for (auto& one : wanted) {
      bytes_ += one.size;
      waiting_.push_back(std::make_unique<Transfer>());
      waiting_.back()->wanted = std::move(one);
    }
  }
  ~Downloads() {
    for (auto& transfer : running_) curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  }
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  Result<void> run() {
    while (!waiting_.empty() || !running_.empty()) {
      if (work_.stopped()) return cancelled();
      while (!waiting_.empty() && running_.size() < std::max(options_.parallel, 1U)) PHOTON_CHECK(begin());
      int active = 0;
      curl_multi_perform(multi_.get(), &active);
      int left = 0;
      while (auto* message = curl_multi_info_read(multi_.get(), &left))
        if (message->msg == CURLMSG_DONE) PHOTON_CHECK(end(message->easy_handle, message->data.result));
      report(false);
      if (active > 0) curl_multi_poll(multi_.get(), nullptr, 0, 100, nullptr);
    }
    report(true);
    return {};
  }

 private:
  Result<void> begin() {
    auto transfer = std::move(waiting_.front());
    waiting_.pop_front();
    const auto& wanted = transfer->wanted;
    if (!wanted.digest.empty() && ::access(wanted.to.c_str(), F_OK) == 0) {
      PHOTON_TRY(bool same, has_digest(wanted.to, wanted.digest));
      if (same) {
        ++finished_;
        finished_bytes_ += size_of(wanted.to);
        return {};
      }
    }
    PHOTON_CHECK(make_directories(std::filesystem::path(wanted.to).parent_path().string(), 0755));
    // Without a digest nothing says that the part is of the same file.
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | (wanted.digest.empty() ? O_TRUNC : 0);
    PHOTON_TRY(transfer->file, open_fd(transfer->part(), flags, 0644));
    transfer->begin = size_of(transfer->part());
    if (wanted.size != 0 && transfer->begin >= wanted.size) {
      if (::ftruncate(transfer->file.get(), 0) != 0) return fail_errno("shorten " + transfer->part(), errno);
      transfer->begin = 0;
    }
    transfer->got = 0;
    transfer->disk_error = 0;
    transfer->too_long = false;
    ++transfer->attempt;
    transfer->easy.reset(curl_easy_init());
    set_up(*transfer);
    curl_multi_add_handle(multi_.get(), transfer->easy.get());
    running_.push_back(std::move(transfer));
    return {};
  }

  static void set_up(Transfer& transfer) {
    auto* easy = transfer.easy.get();
    curl_easy_setopt(easy, CURLOPT_URL, transfer.wanted.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,file");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 30L);
    // A server that has gone quiet is left after half a minute.
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 30L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "photon");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.message.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.begin));
  }

  Result<void> end(CURL* easy, CURLcode code) {
    auto at = std::ranges::find_if(running_, [&](const auto& one) { return one->easy.get() == easy; });
    auto transfer = std::move(*at);
    running_.erase(at);
    curl_multi_remove_handle(multi_.get(), easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->easy.reset();
    transfer->file.reset();
    const auto& wanted = transfer->wanted;
    if (transfer->disk_error != 0) return fail_errno("write " + transfer->part(), transfer->disk_error);
    if (transfer->too_long) {
      ::unlink(transfer->part().c_str());
      return fail(Kind::corrupt, "rpm.size",
                  fmt::format("{} is longer than {} bytes", shown(wanted.url, 300), transfer->most()));
    }
    if (code == CURLE_OK) return finish(std::move(transfer));
    bool missing = status == 404 || status == 410 || code == CURLE_FILE_COULDNT_READ_FILE;
    if (missing && wanted.optional) {
      ::unlink(transfer->part().c_str());
      ++finished_;
      return {};
    }
    // The part does not fit what the server has (416): the next attempt begins anew.
    bool again = transfer->attempt < options_.attempts && !missing && status != 401 && status != 403;
    if (status == 416 || code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME)
      ::unlink(transfer->part().c_str());
    if (again) {
      waiting_.push_back(std::move(transfer));
      return {};
    }
    std::string why = transfer->message.c_str();
    return fail(
        missing ? Kind::not_found : Kind::unavailable, missing ? "rpm.missing" : "rpm.download",
        fmt::format("{} cannot be fetched: {}", shown(wanted.url, 300),
                    why.empty() ? curl_easy_strerror(code) : shown(why, 200)),
        missing ? "the repository has changed meanwhile, or the address is wrong" : "try again later");
  }

  Result<void> finish(std::unique_ptr<Transfer> transfer) {
    const auto& wanted = transfer->wanted;
    auto length = size_of(transfer->part());
    bool whole = wanted.size == 0 || length == wanted.size;
    if (whole && !wanted.digest.empty()) {
      PHOTON_TRY(whole, has_digest(transfer->part(), wanted.digest));
    }
    if (!whole) {
      ::unlink(transfer->part().c_str());
      // What was there before may be to blame: once more from the beginning.
      if (transfer->begin > 0 && transfer->attempt < options_.attempts) {
        waiting_.push_back(std::move(transfer));
        return {};
      }
      return fail(Kind::corrupt, "rpm.digest",
                  fmt::format("{} is not what the repository says that it is", shown(wanted.url, 300)),
                  "the mirror is broken or lies; try another");
    }
    if (::rename(transfer->part().c_str(), wanted.to.c_str()) != 0)
      return fail_errno("rename to " + wanted.to, errno);
    ++finished_;
    finished_bytes_ += length;
    return {};
  }

  void report(bool last) const {
    std::uint64_t done = finished_bytes_;
    for (const auto& transfer : running_) done += transfer->begin + transfer->got;
    Progress progress{.step = "download", .subject = fmt::format("{} of {}", finished_, total_)};
    if (running_.size() == 1)
      progress.detail = std::filesystem::path(running_.front()->wanted.to).filename().string();
    progress.done = done;
    progress.total = std::max(bytes_, done);
    progress.finished = last;
    work_.report(progress);
  }

  DownloadOptions options_;
  Work work_;
  Multi multi_;
  std::deque<std::unique_ptr<Transfer>> waiting_;
  std::vector<std::unique_ptr<Transfer>> running_;
  std::size_t total_ = 0, finished_ = 0;
  std::uint64_t bytes_ = 0, finished_bytes_ = 0;
};

}  // namespace

Result<void> download(std::vector<Download> wanted, const DownloadOptions& options, const Work& work) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return Downloads(std::move(wanted), options, work).run();
}

}  // namespace photon::rpm
