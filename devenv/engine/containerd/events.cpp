#include <grpcpp/client_context.h>

#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/events.grpc.pb.h"
#include "devenv/engine/containerd/proto/task_events.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

using containerd::services::events::v1::Envelope;
using containerd::services::events::v1::Events;

Event read_event(const Envelope& envelope) {
  namespace wire = containerd::events;
  Event event;
  const std::string& bytes = envelope.event().value();
  auto exited = [&](auto message, Event::What what) {
    if (!message.ParseFromString(bytes)) return;
    event.what = what;
    event.container = message.container_id();
    event.exec = message.id() == message.container_id() ? "" : message.id();
    event.exit_status = static_cast<int>(message.exit_status());
  };
  auto plain = [&](auto message, Event::What what) {
    if (!message.ParseFromString(bytes)) return;
    event.what = what;
    event.container = message.container_id();
  };
  if (envelope.topic() == "/tasks/exit") exited(wire::TaskExit(), Event::What::task_exited);
  if (envelope.topic() == "/tasks/delete") exited(wire::TaskDelete(), Event::What::task_deleted);
  if (envelope.topic() == "/tasks/start") plain(wire::TaskStart(), Event::What::task_started);
  if (envelope.topic() == "/tasks/oom") plain(wire::TaskOOM(), Event::What::task_oom);
  return event;
}

}  // namespace

Result<void> watch_events(const std::shared_ptr<Line>& line, std::stop_token stop,
                          const std::function<void(const Event&)>& sink) {
  const Reach<Events> events(line);
  containerd::services::events::v1::SubscribeRequest request;
  request.add_filters(fmt::format("namespace=={},topic~=^/tasks/", containerd_namespace));
  grpc::ClientContext context;
  prepare(context, {.limit = std::chrono::milliseconds(0)});
  std::stop_callback cancel(stop, [&] { context.TryCancel(); });
  const auto reader = events->Subscribe(&context, request);
  Envelope envelope;
  while (reader->Read(&envelope)) sink(read_event(envelope));
  const grpc::Status status = reader->Finish();
  if (stop.stop_requested()) return {};
  if (status.ok())
    return fail(Kind::unavailable, "engine.containerd", "containerd ended the stream of events");
  return tl::unexpected<Error>(to_error(status, "send events"));
}

}  // namespace photon::engine
