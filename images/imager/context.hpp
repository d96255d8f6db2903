// What a command's `run` gets: its arguments, where definitions and packages lie, and where to write.
#pragma once
#include "devenv/command/session.hpp"
#include "images/imager/build/build.hpp"

namespace photon::images {

class Context : public command::Session {
 public:
  using Session::Session;

  /// --definitions, else images/definitions of this folder or one above it, else those that the package
  /// brings.
  [[nodiscard]] Result<std::string> definitions() const;
  /// --arch, else this machine's.
  [[nodiscard]] Result<std::string> arch() const;
  /// --output, else build/images/ARCH of the checkout.
  [[nodiscard]] Result<std::string> output() const;
  /// From --repository (else build/packages/ARCH of the checkout), with the key that lies in it.
  [[nodiscard]] Result<BuildOptions> build_options() const;
};

using command::Shown;

}  // namespace photon::images
