// Whether an input reached code that none before it had reached. Only the preset "fuzz" compiles for it; in
// all other builds the answer is no, and inputs are mutations of the seeds alone.
#pragma once

namespace photon::fuzz {

bool reached_something_new();

}  // namespace photon::fuzz
