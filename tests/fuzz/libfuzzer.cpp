// clang's engine instead of ours: one program, the target by its name in PHOTON_FUZZ.
#include <cstdlib>

#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace photon::fuzz;
  static const Target* const target = [] {
    const char* name = std::getenv("PHOTON_FUZZ");
    for (const auto& known : targets())
      if (name != nullptr && known.name == name) return &known;
    expect(false, "PHOTON_FUZZ names a target");
    return static_cast<const Target*>(nullptr);
  }();
  target->run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
