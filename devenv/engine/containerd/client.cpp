#include "devenv/engine/containerd/client.hpp"

#include <google/protobuf/any.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <climits>
#include <cstdlib>

#include "devenv/core/name.hpp"

namespace photon::engine {
namespace {

/// Runtimes write several lines; the sentence keeps the first of them and no full stop.
std::string one_sentence(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' ')) text.pop_back();
  for (char& c : text)
    if (c == '\n' || c == '\t') c = ' ';
  return shown(text, 400);
}

Kind kind_of(const grpc::Status& status) {
  if (status.error_message().find("no space left on device") != std::string::npos) return Kind::no_space;
  switch (status.error_code()) {
    case grpc::StatusCode::NOT_FOUND:
      return Kind::not_found;
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return Kind::conflict;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Kind::unavailable;
    case grpc::StatusCode::CANCELLED:
      return Kind::cancelled;
    case grpc::StatusCode::PERMISSION_DENIED:
      return Kind::denied;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return Kind::no_space;
    case grpc::StatusCode::DATA_LOSS:
      return Kind::corrupt;
    default:
      return Kind::failed;
  }
}

std::shared_ptr<grpc::Channel> connect(const std::string& socket) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetMaxSendMessageSize(64 << 20);
  // Each connection of its own, and soon again after a restart of containerd.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  // In spite of its name: how long an attempt may take. A containerd that has just begun may need a while.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // While one timer is set, gRPC wakes up several times a second: none for an idle channel, for measuring the
  // bandwidth, or for looking after the poller.
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, INT_MAX);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  ::setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "0", 0);
  return grpc::CreateCustomChannel("unix://" + socket, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

std::shared_ptr<grpc::Channel> Line::channel() {
  std::lock_guard lock(mutex_);
  if (!channel_) channel_ = connect(socket_);
  return channel_;
}

void Line::rest() {
  std::shared_ptr<grpc::Channel> last;  // its end may take a moment and needs no lock
  std::lock_guard lock(mutex_);
  last.swap(channel_);
}

void prepare(grpc::ClientContext& context, const CallOptions& options) {
  context.AddMetadata("containerd-namespace", containerd_namespace);
  context.set_wait_for_ready(options.patient);
  if (!options.lease.empty()) context.AddMetadata("containerd-lease", options.lease);
  if (options.limit.count() > 0) context.set_deadline(std::chrono::system_clock::now() + options.limit);
}

Error to_error(const grpc::Status& status, std::string_view what) {
  Error error;
  error.kind = kind_of(status);
  error.code = "engine.containerd";
  error.message = fmt::format("containerd cannot {}: {}", what, one_sentence(status.error_message()));
  if (error.kind == Kind::no_space) error.hint = "make space there, then run the command again";
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    error.hint = "devenv doctor shows whether containerd runs";
  return error;
}

void set_any(google::protobuf::Any& any, const char* type, std::string bytes) {
  any.set_type_url(type);
  any.set_value(std::move(bytes));
}

}  // namespace photon::engine
