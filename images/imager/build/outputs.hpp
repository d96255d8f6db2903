// The files of an image, while they are made and when they have got their names.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/fd.hpp"
#include "images/imager/build/build.hpp"

namespace photon::images {

/// A folder beside the outputs in which everything is made; gone with the value. Those of builds that were
/// killed are swept by the next one.
class Scratch {
 public:
  static Result<Scratch> make(const std::string& output, const std::string& name, const Work& work);
  Scratch(Scratch&& other) noexcept
      : lock_(std::move(other.lock_)), folder_(std::exchange(other.folder_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  Scratch(Fd lock, std::string folder) : lock_(std::move(lock)), folder_(std::move(folder)) {}
  Fd lock_;  ///< of NAME: who comes second waits
  std::string folder_;
};

/// Name, digest and sizes of a file, which is read once.
Result<Made> measure(const std::string& path, const Work& work);

/// What NAME.json says was made, if it was made of `key` and every file is there with its size.
std::optional<std::vector<Made>> present(const std::string& output, const std::string& name,
                                         const std::string& key);

/// From the scratch to their names: the description goes first and comes last, so that it never tells of
/// files that are not there.
Result<void> put_in_place(const Scratch& scratch, const std::string& output, const std::string& name,
                          const std::vector<std::string>& files);

}  // namespace photon::images
