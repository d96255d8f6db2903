// What buildah prints, understood as far as people need it: which step runs, and which one failed.
#pragma once
#include <deque>
#include <string>
#include <string_view>

#include "devenv/spec/dockerfile.hpp"

namespace photon::build {

class Output {
 public:
  explicit Output(const spec::Dockerfile& file) : file_(file) {}

  /// A line as it comes; false: it is of no interest.
  bool take(std::string_view line);
  /// "STEP 3/7: RUN make" of now; "" before the first.
  [[nodiscard]] const std::string& step() const { return step_; }
  /// The step's line in the Dockerfile; 0: not known.
  [[nodiscard]] unsigned line() const { return line_; }
  /// The last lines of the step that ran last.
  [[nodiscard]] std::string tail() const;
  /// Steps that ran; those that were found done before do not count.
  [[nodiscard]] unsigned ran() const { return ran_; }

 private:
  void begin(std::string_view line, std::string_view numbers);
  const spec::Dockerfile& file_;
  std::string step_;
  unsigned line_ = 0;
  unsigned ran_ = 0;
  std::deque<std::string> tail_;
  std::size_t kept_ = 0;
};

}  // namespace photon::build
