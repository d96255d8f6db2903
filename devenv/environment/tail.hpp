// The lines of a file that somebody else is writing.
#pragma once
#include <functional>
#include <string>
#include <thread>

namespace photon::environment {

class Tail {
 public:
  /// Calls `line` from a thread of its own, for each line as it comes. The file may come later.
  Tail(std::string path, std::function<void(std::string_view)> line);
  /// Reads what is there to the end; the last MiB of it all.
  std::string end();

 private:
  void follow(const std::stop_token& stop);
  void take();
  std::string path_;
  std::function<void(std::string_view)> line_;
  std::size_t at_ = 0;
  std::string rest_;
  std::string all_;
  std::jthread thread_;  ///< last: it uses the others
};

}  // namespace photon::environment
