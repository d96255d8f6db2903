#include "devenv/build/output.hpp"

#include <cstdio>

namespace photon::build {
namespace {

constexpr std::size_t most_kept = 4000;

}  // namespace

/// "[2/3] STEP 4/5: RUN make": the fourth instruction of the second stage.
void Output::begin(std::string_view line, std::string_view numbers) {
  unsigned stage = 1;
  unsigned step = 0;
  (void)std::sscanf(std::string(line).c_str(), "[%u/", &stage);
  (void)std::sscanf(std::string(numbers).c_str(), "STEP %u/", &step);
  step_ = line;
  line_ = 0;
  tail_.clear();
  kept_ = 0;
  if (stage == 0 || stage > file_.stages.size() || step == 0) return;
  const auto& found = file_.stages[stage - 1];
  if (step > found.count) return;
  const auto& instruction = file_.instructions[found.first + step - 1];
  // Lines that buildah adds at the end (COMMIT, LABEL) are none of the file's.
  auto colon = numbers.find(": ");
  if (colon != numbers.npos && numbers.substr(colon + 2).starts_with(instruction.word))
    line_ = instruction.line;
}

bool Output::take(std::string_view line) {
  auto numbers = line;
  if (numbers.starts_with('[')) numbers.remove_prefix(std::min(numbers.find("] ") + 2, numbers.size()));
  if (numbers.starts_with("STEP ")) {
    begin(line, numbers);
    ++ran_;
    return true;
  }
  if (line.starts_with("--> ")) {
    if (line.starts_with("--> Using cache")) --ran_;
    return line.starts_with("--> Using cache");
  }
  tail_.emplace_back(line);
  kept_ += line.size() + 1;
  while (kept_ > most_kept && tail_.size() > 1) {
    kept_ -= tail_.front().size() + 1;
    tail_.pop_front();
  }
  return true;
}

std::string Output::tail() const {
  std::string all;
  for (const auto& line : tail_) all.append(line).append("\n");
  return all;
}

}  // namespace photon::build
