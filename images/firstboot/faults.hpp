// Goes on after a fault: the first is the answer, later ones are told.
#pragma once
#include "images/firstboot/journal.hpp"

namespace photon::first_boot {

class Faults {
 public:
  explicit Faults(Journal& journal) : journal_(journal) {}
  void take(Result<void> done) {
    if (done) return;
    if (first_)
      first_ = std::move(done);
    else
      journal_.warning(done.error());
  }
  [[nodiscard]] Result<void> first() && { return std::move(first_); }

 private:
  Journal& journal_;
  Result<void> first_{};
};

}  // namespace photon::first_boot
