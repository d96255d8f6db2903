// gRPC to containerd: one channel, a deadline on every call, errors in our words. Private to this folder.
#pragma once
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <mutex>

#include "devenv/core/error.hpp"
#include "devenv/engine/types.hpp"

namespace google::protobuf {
class Any;
}

namespace photon::engine {

inline constexpr char containerd_namespace[] = "devenv";
inline constexpr char spec_type[] = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
inline constexpr char process_type[] = "types.containerd.io/opencontainers/runtime-spec/1/Process";
inline constexpr char runc_options_type[] = "containerd.runc.v1.Options";

struct CallOptions {
  std::chrono::milliseconds limit = std::chrono::seconds(10);  ///< 0 = none
  bool patient = false;  ///< wait for the connection, up to the limit, instead of failing without one
  std::string lease{};
  std::stop_token stop{};
};

/// The channel to containerd, made when it is needed. As long as there is one, threads of gRPC wake up each
/// second: who has nothing more to ask lets it `rest`. For any thread.
class Line {
 public:
  explicit Line(std::string socket) : socket_(std::move(socket)) {}
  std::shared_ptr<grpc::Channel> channel();
  /// Calls that are under way keep the channel until they have ended.
  void rest();

 private:
  const std::string socket_;
  std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
};

/// A service of containerd, over whatever channel the line has at the time of the call.
template <class Service>
class Reach {
 public:
  explicit Reach(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  [[nodiscard]] std::unique_ptr<typename Service::Stub> operator*() const {
    return Service::NewStub(line_->channel());
  }
  [[nodiscard]] std::unique_ptr<typename Service::Stub> operator->() const { return **this; }

 private:
  std::shared_ptr<Line> line_;
};

void prepare(grpc::ClientContext& context, const CallOptions& options);
/// `what` is the action: "create the task".
Error to_error(const grpc::Status& status, std::string_view what);
/// By hand: the prefix that protobuf writes itself is refused by containerd 1.6.
void set_any(google::protobuf::Any& any, const char* type, std::string bytes);

inline bool is_missing(const Error& error) { return error.kind == Kind::not_found; }
/// "It is gone already" counts as done.
inline Result<void> unless_missing(Result<void> result) {
  if (!result && is_missing(result.error())) return {};
  return result;
}

template <class Stub, class Request, class Response>
Result<void> call(std::string_view what, const std::unique_ptr<Stub>& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const std::type_identity_t<Request>& request, std::type_identity_t<Response>& response,
                  const CallOptions& options = {}) {
  grpc::ClientContext context;
  prepare(context, options);
  std::stop_callback cancel(options.stop, [&] { context.TryCancel(); });
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (!status.ok()) {
    if (options.stop.stop_requested()) return cancelled();
    return tl::unexpected<Error>(to_error(status, what));
  }
  return {};
}

}  // namespace photon::engine
