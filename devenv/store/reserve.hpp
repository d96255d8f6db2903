// Space that is kept for the journal, so that on a full disk an environment can still be stopped and deleted.
#pragma once
#include <string>

namespace photon::store {

/// A file of one MiB that is given up when the disk is full, and made again once there is plenty.
class Reserve {
 public:
  explicit Reserve(std::string file) : file_(std::move(file)) { keep(); }
  /// Makes it if it is not there and the disk has room for more than that.
  void keep();
  /// True: there is space now that was not there before.
  bool release();

 private:
  std::string file_;
  bool held_ = false;
};

}  // namespace photon::store
