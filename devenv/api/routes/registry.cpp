#include "devenv/api/routes/registry.hpp"

#include <deque>

#include "devenv/core/clock.hpp"
#include "devenv/core/name.hpp"

namespace photon::routes {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_unheard = 200;

std::string progress_event(const Progress& report) {
  return http::event("progress", write_json(wire::to_json(report)));
}

}  // namespace

struct Operations::Entry {
  std::mutex mutex;
  wire::Operation operation;
  std::vector<Progress> steps;   ///< the last report of each step, in the order of their beginning
  std::deque<Progress> unheard;  ///< all reports until somebody follows: whoever began it misses nothing
  bool followed = false;
  std::vector<std::shared_ptr<http::Feed>> feeds;
  std::stop_source stop;
  Clock::time_point ended{};

  bool running() const { return operation.state == "running"; }

  void report(const Progress& report) {
    std::unique_lock lock(mutex);
    if (!followed) {
      if (unheard.size() == most_unheard) unheard.pop_front();
      unheard.push_back(report);
    }
    auto same = [&](const Progress& other) {
      return other.step == report.step && other.subject == report.subject;
    };
    // A subject may change while its step runs: an unfinished step of that name is the same line on the
    // screen.
    auto open = [&](const Progress& other) { return other.step == report.step && !other.finished; };
    auto found = std::find_if(steps.begin(), steps.end(), same);
    if (found == steps.end()) found = std::find_if(steps.begin(), steps.end(), open);
    if (found == steps.end()) {
      steps.push_back(report);
    } else {
      *found = report;
    }
    send(progress_event(report));
  }

  /// With the lock held.
  void send(const std::string& event) {
    std::erase_if(feeds, [&](const auto& feed) { return !feed->push(event); });
  }

  std::string end_events() const {
    std::string text;
    auto tell = [&](const auto& made) {
      if (made)
        for (const auto& warning : made->warnings) text += http::event("warning", warning);
    };
    tell(operation.result);
    tell(operation.built);
    tell(operation.prebuild);
    return text + http::event("end", write_json(wire::to_json(operation)));
  }

  void end(Result<Outcome> result) {
    std::unique_lock lock(mutex);
    if (result) {
      operation.state = "done";
      operation.result = std::move(result->environment);
      operation.built = std::move(result->built);
      operation.prebuild = std::move(result->prebuild);
      if (operation.result) operation.environment = operation.result->name;
    } else {
      operation.state = result.error().kind == Kind::cancelled ? "cancelled" : "failed";
      operation.error = std::move(result.error());
    }
    ended = Clock::now();
    send(end_events());
    for (const auto& feed : feeds) feed->close();
    feeds.clear();
  }
};

Result<wire::Operation> Operations::begin(const std::string& kind, const std::string& environment,
                                          Body body) {
  auto made = std::make_shared<Entry>();
  made->operation = {
      .id = random_id(), .kind = kind, .environment = environment, .state = "running", .begun = unix_time()};
  auto first = made->operation;
  {
    std::unique_lock lock(mutex_);
    forget_old();
    all_[first.id] = made;
  }
  bool taken =
      workers_.run([made, body = std::move(body)](const std::stop_token& stop) { run(made, body, stop); });
  if (!taken) {
    auto refused =
        fail(Kind::unavailable, "daemon.stopping", "the daemon is stopping", "try again in a moment");
    made->end(refused);
    return refused;
  }
  return first;
}

void Operations::run(const std::shared_ptr<Entry>& entry, const Body& body, const std::stop_token& stop) {
  std::stop_callback on_shutdown(stop, [&] { entry->stop.request_stop(); });
  Work work{entry->stop.get_token(), [&](const Progress& report) { entry->report(report); }};
  if (work.stopped()) return entry->end(cancelled());
  try {
    entry->end(body(work));
  } catch (
      const std::exception& fault) {  // a bug, or a library's way out: one operation fails, the daemon lives
    entry->end(fail(Kind::internal, "daemon.exception", fmt::format("unexpected: {}", fault.what()),
                    "please report this with the daemon's log"));
  }
}

void Operations::forget_old() {
  auto old = [&](const auto& item) {
    std::unique_lock lock(item.second->mutex);
    return !item.second->running() && Clock::now() - item.second->ended > kept_;
  };
  std::erase_if(all_, old);
}

std::vector<wire::Operation> Operations::list() {
  std::unique_lock lock(mutex_);
  forget_old();
  std::vector<wire::Operation> found;
  for (const auto& [id, entry] : all_) {
    std::unique_lock inner(entry->mutex);
    found.push_back(entry->operation);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begun < b.begun; });
  return found;
}

std::size_t Operations::running() {
  auto all = list();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const auto& operation) { return operation.state == "running"; }));
}

std::shared_ptr<Operations::Entry> Operations::entry(const std::string& id) {
  std::unique_lock lock(mutex_);
  forget_old();
  auto found = all_.find(id);
  return found == all_.end() ? nullptr : found->second;
}

namespace {
tl::unexpected<Error> unknown(const std::string& id) {
  return fail(Kind::not_found, "operation.unknown", fmt::format("there is no operation {}", shown(id)),
              "ended operations are kept for ten minutes");
}
}  // namespace

Result<wire::Operation> Operations::find(const std::string& id) {
  auto found = entry(id);
  if (!found) return unknown(id);
  std::unique_lock lock(found->mutex);
  return found->operation;
}

Result<void> Operations::cancel(const std::string& id) {
  auto found = entry(id);
  if (!found) return unknown(id);
  found->stop.request_stop();
  return {};
}

void Operations::cancel_all() {
  for (const auto& operation : list()) static_cast<void>(cancel(operation.id));
}

Result<std::shared_ptr<http::Feed>> Operations::follow(const std::string& id) {
  auto found = entry(id);
  if (!found) return unknown(id);
  auto feed = std::make_shared<http::Feed>(": \n\n");
  std::unique_lock lock(found->mutex);
  if (!std::exchange(found->followed, true)) {
    for (const auto& report : std::exchange(found->unheard, {})) feed->push(progress_event(report));
  } else {
    for (const auto& step : found->steps) feed->push(progress_event(step));
  }
  if (found->running()) {
    found->feeds.push_back(feed);
  } else {
    feed->push(found->end_events());
    feed->close();
  }
  return feed;
}

}  // namespace photon::routes
