// What happens, for programs: one JSON object a line, appended whole.
#pragma once
#include <boost/json/object.hpp>
#include <mutex>
#include <string>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"

namespace photon::forge {

class Events {
 public:
  /// No file: nothing is written.
  static Result<Events> open(const std::string& file);
  Events(Events&& other) noexcept : file_(std::move(other.file_)) {}
  /// Adds "time" (milliseconds since 1970) and "event".
  void say(std::string_view event, json::object members);

 private:
  Events() = default;
  Fd file_;
  std::mutex mutex_;
};

}  // namespace photon::forge
