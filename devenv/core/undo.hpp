// Undo beside do: `OnFailure undo{[&] { remove(key); }}; … undo.release();`
#pragma once
#include <utility>

namespace photon {

/// Runs `action` when it leaves scope, unless released. The action must not throw.
template <class F>
class OnFailure {
 public:
  explicit OnFailure(F action) : action_(std::move(action)) {}
  ~OnFailure() {
    if (armed_) action_();
  }
  OnFailure(const OnFailure&) = delete;
  OnFailure& operator=(const OnFailure&) = delete;
  void release() { armed_ = false; }

 private:
  F action_;
  bool armed_ = true;
};

/// Always runs `action` at the end of the scope.
template <class F>
class Finally {
 public:
  explicit Finally(F action) : action_(std::move(action)) {}
  ~Finally() { action_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  F action_;
};

}  // namespace photon
