// Bytes that come at the back and go at the front. A std::string would clear what is about to be overwritten
// and shift the rest at each step: a tenth of the processor time of a large transfer.
#pragma once
#include <cstring>
#include <memory>
#include <string_view>

namespace photon::gateway {

class Bytes {
 public:
  [[nodiscard]] bool empty() const { return from_ == to_; }
  [[nodiscard]] std::size_t size() const { return to_ - from_; }
  [[nodiscard]] const char* data() const { return memory_.get() + from_; }

  /// Room for `size` more; what is written there counts once `add` says how much. Valid until the next call.
  char* room(std::size_t size) {
    if (empty()) from_ = to_ = 0;
    if (to_ + size > capacity_) make_room(size);
    return memory_.get() + to_;
  }
  void add(std::size_t size) { to_ += size; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    add(bytes.size());
  }
  /// At most `size()` of the front.
  void drop(std::size_t size) { from_ += size; }
  void clear() { from_ = to_ = 0; }

 private:
  void make_room(std::size_t size) {
    std::size_t held = this->size();
    if (held + size <= capacity_) {
      std::memmove(memory_.get(), data(), held);
    } else {
      capacity_ = 2 * (held + size);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
      if (held != 0) std::memcpy(larger.get(), data(), held);
      memory_ = std::move(larger);
    }
    from_ = 0;
    to_ = held;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t from_ = 0;
  std::size_t to_ = 0;
};

}  // namespace photon::gateway
