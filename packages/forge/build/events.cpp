#include "packages/forge/build/events.hpp"

#include <fcntl.h>

#include <chrono>

namespace photon::forge {

Result<Events> Events::open(const std::string& file) {
  Events events;
  if (file.empty()) return events;
  PHOTON_TRY(events.file_, open_fd(file, O_WRONLY | O_CREAT | O_APPEND, 0644));
  return events;
}

void Events::say(std::string_view event, json::object members) {
  if (!file_) return;
  using namespace std::chrono;
  json::object line{{"time", duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()},
                    {"event", event}};
  for (auto& member : members) line.insert_or_assign(member.key(), std::move(member.value()));
  std::lock_guard lock(mutex_);
  // Nobody's build fails because its observer's disk is full.
  (void)write_all(file_.get(), write_json(line) + "\n");
}

}  // namespace photon::forge
