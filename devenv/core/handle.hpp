// A C library's object as a value that frees itself. Each C library has one file of these in its folder.
#pragma once
#include <memory>

namespace photon {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};

/// `using Repository = Handle<git_repository, git_repository_free>;`
template <class T, auto release>
using Handle = std::unique_ptr<T, Release<release>>;

/// For the `T**` out-parameters of C: `open(Out(handle), path)`.
template <class T, class D>
class Out {
 public:
  explicit Out(std::unique_ptr<T, D>& owner) : owner_(owner) {}
  ~Out() { owner_.reset(raw_); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  operator T**() { return &raw_; }  // NOLINT(google-explicit-constructor): that is the purpose

 private:
  std::unique_ptr<T, D>& owner_;
  T* raw_ = nullptr;
};

}  // namespace photon
