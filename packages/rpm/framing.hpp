// The outer shape of an RPM file: lead, signature header, header, payload. Read by ourselves before librpm
// sees the file, so that a forged length costs nothing.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::rpm {

struct Framing {
  std::uint64_t header = 0;   ///< where the main header begins
  std::uint64_t payload = 0;  ///< and where it ends
  std::uint64_t size = 0;     ///< of the file
  std::uint64_t stated = 0;   ///< header and payload as the signature header says; 0: it does not
};
/// corrupt "rpm.truncated" or "rpm.format" names the file.
Result<Framing> read_framing(int fd, const std::string& path);

}  // namespace photon::rpm
