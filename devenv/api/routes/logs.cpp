// The output of an environment's first process and hooks, as a chunked text.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

/// Whether the file changed before somebody asked to stop. One wake-up a second, and only while somebody
/// follows.
bool wait_for_change(int watch, const http::Feed& feed, const std::stop_token& stop) {
  while (!feed.gone().stop_requested() && !stop.stop_requested()) {
    pollfd waiting{watch, POLLIN, 0};
    if (::poll(&waiting, 1, 1000) <= 0) continue;
    char events[4096];
    return ::read(watch, events, sizeof events) > 0;
  }
  return false;
}

/// Runs on a worker; the feed's client sets the pace.
void send_log(const std::string& path, const Fd& file, http::Feed& feed, bool follow,
              const std::stop_token& stop) {
  Fd watch(follow ? ::inotify_init1(IN_CLOEXEC) : -1);
  if (follow) ::inotify_add_watch(watch.get(), path.c_str(), IN_MODIFY | IN_DELETE_SELF);
  std::string bytes(32 << 10, '\0');
  while (!stop.stop_requested()) {
    auto count = ::read(file.get(), bytes.data(), bytes.size());
    if (count < 0) break;
    if (count > 0 && !feed.push_slowly(bytes.substr(0, static_cast<std::size_t>(count)))) break;
    if (count == 0 && (!follow || !wait_for_change(watch.get(), feed, stop))) break;
  }
  feed.close();
}

Result<http::Answer> logs(Services& services, const http::Request& request, const Arguments& of) {
  PHOTON_TRY(bool follow, query_flag(request, "follow"));
  PHOTON_TRY(auto path, services.environments.log_file(of[0], query(request, "service")));
  PHOTON_TRY(auto opened, open_fd(path, O_RDONLY));
  auto file = std::make_shared<Fd>(std::move(opened));
  auto feed = std::make_shared<http::Feed>();
  auto job = [=](const std::stop_token& stop) { send_log(path, *file, *feed, follow, stop); };
  if (!services.followers.run(job)) feed->close();
  return http::Answer{.type = "text/plain; charset=utf-8", .feed = feed};
}

}  // namespace

std::vector<Route> log_routes() { return {{"GET", "/v1/environments/{name}/logs", logs}}; }

}  // namespace photon::routes
