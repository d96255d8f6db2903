// What knows of containers and images: a Docker-compatible program or socket, or nothing.
#pragma once
#include "devenv/devcontainer/log.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::devcontainer {

/// `program` (--docker-path) as the reference runs it; else the socket of DOCKER_HOST, else the usual one;
/// else the program `docker`; else an engine without containers, whose images have no labels. Of the first
/// what fails is an error, of the others it is told.
spec::reference::Engine find_engine(const std::optional<std::string>& program, Log& log);

}  // namespace photon::devcontainer
