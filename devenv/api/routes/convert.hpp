// Between the API's bodies and the environments' own types.
#pragma once
#include "devenv/api/wire/wire.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/environment/environment.hpp"

namespace photon::routes {

wire::Environment to_wire(const environment::View& view);
wire::Port to_wire(const environment::Port& port);
wire::Prebuild to_wire(const environment::PrebuildView& view);
wire::Change to_wire(const environment::Change& change);
/// uid and gid are the socket peer's, never the client's words.
environment::Caller from_wire(const wire::Caller& caller, const Peer& peer);
environment::UpRequest from_wire(const wire::Up& up);
environment::BuildRequest from_wire(const wire::Build& build);
environment::PrebuildRequest from_wire(const wire::MakePrebuild& prebuild);

}  // namespace photon::routes
