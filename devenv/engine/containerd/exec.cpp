// Processes beside the init process. Their streams are FIFOs between the shim and us: they live with the
// client.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "devenv/core/name.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/tasks.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace wire = containerd::services::tasks::v1;
using namespace std::chrono_literals;

constexpr auto drain_limit = 2s;
constexpr auto return_limit = 15s;  ///< how long a wait outlives a containerd that is being restarted

class ContainerdExec : public Exec {
 public:
  ContainerdExec(std::shared_ptr<Session> session, std::string container, bool terminal)
      : session_(std::move(session)),
        tasks_(session_->line),
        container_(std::move(container)),
        id_(random_id()),
        folder_(session_->state + "/fifo/" + id_),
        terminal_(terminal) {}
  ~ContainerdExec() override;

  Result<void> start(const json::value& process);
  Fd& input() override { return input_; }
  Fd& output() override { return output_; }
  Fd& error() override { return error_; }
  Result<void> close_input() override;
  Result<void> resize(std::uint16_t rows, std::uint16_t columns) override;
  Result<void> signal(int number) override;
  Result<int> wait(std::stop_token stop) override;

 private:
  Result<void> make_fifos();
  Result<void> open_input();
  Result<void> take_away();
  template <class Request>
  Request named() const {
    Request request;
    request.set_container_id(container_);
    request.set_exec_id(id_);
    return request;
  }

  std::shared_ptr<Session> session_;
  Reach<wire::Tasks> tasks_;
  std::string container_;
  std::string id_;
  std::string folder_;
  bool terminal_;
  bool added_ = false;  ///< containerd knows it
  bool ended_ = false;
  Fd input_, output_, error_;
};

ContainerdExec::~ContainerdExec() {
  input_.reset();
  if (added_ && !ended_) {
    (void)signal(SIGKILL);
    wire::WaitResponse answer;
    (void)call("wait", *tasks_, &wire::Tasks::Stub::Wait, named<wire::WaitRequest>(), answer, {.limit = 2s});
  }
  // Not earlier: the shim waits for its copying to end, which it does when our ends are read or gone.
  output_.reset();
  error_.reset();
  if (added_) (void)take_away();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<void> ContainerdExec::take_away() {
  wire::DeleteResponse answer;
  return call("delete the process", *tasks_, &wire::Tasks::Stub::DeleteProcess,
              named<wire::DeleteProcessRequest>(), answer);
}

/// Ours are open before the shim opens its own: without a reader it gives up after 30 s. With a terminal
/// there is no stream of errors, so no FIFO for it either.
Result<void> ContainerdExec::make_fifos() {
  PHOTON_CHECK(make_directories(folder_, 0700));
  for (const char* name : {"stdin", "stdout", "stderr"}) {
    if (terminal_ && std::string_view(name) == "stderr") continue;
    if (::mkfifo((folder_ + "/" + name).c_str(), 0600) != 0)
      return fail_errno("make a FIFO in " + folder_, errno);
  }
  PHOTON_TRY(output_, open_fd(folder_ + "/stdout", O_RDONLY | O_NONBLOCK));
  if (!terminal_) {
    PHOTON_TRY(error_, open_fd(folder_ + "/stderr", O_RDONLY | O_NONBLOCK));
  }
  return {};
}

/// Opens only once the shim reads.
Result<void> ContainerdExec::open_input() {
  for (int left = 200;; --left) {
    const int fd = ::open((folder_ + "/stdin").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
      input_.reset(fd);
      return {};
    }
    if (errno != ENXIO || left == 0) return fail_errno("open the input of the process", errno);
    std::this_thread::sleep_for(5ms);
  }
}

Result<void> ContainerdExec::start(const json::value& process) {
  PHOTON_CHECK(make_fifos());
  auto request = named<wire::ExecProcessRequest>();
  request.set_terminal(terminal_);
  request.set_stdin(folder_ + "/stdin");
  request.set_stdout(folder_ + "/stdout");
  if (!terminal_) request.set_stderr(folder_ + "/stderr");
  set_any(*request.mutable_spec(), process_type, write_json(process));
  google::protobuf::Empty done;
  PHOTON_CHECK(call("add a process", *tasks_, &wire::Tasks::Stub::Exec, request, done));
  added_ = true;
  wire::StartResponse started;
  auto result = call("start the process", *tasks_, &wire::Tasks::Stub::Start, named<wire::StartRequest>(),
                     started, {.limit = 35s});
  if (!result) {
    ended_ = true;
    return result;
  }
  if (auto opened = open_input(); !opened && opened.error().kind == Kind::failed) {
    // It has ended already and the shim has closed its end: a process without input is a process still.
    input_.reset();
  } else if (!opened) {
    return opened;
  }
  // The shim holds its ends now: from here on a read that finds nothing waits.
  for (Fd* fd : {&input_, &output_, &error_})
    if (*fd) ::fcntl(fd->get(), F_SETFL, 0);
  return {};
}

Result<void> ContainerdExec::close_input() {
  if (!input_) return {};
  // What lies in the FIFO when the shim closes it could be lost.
  const auto end = std::chrono::steady_clock::now() + drain_limit;
  int left = 0;
  while (::ioctl(input_.get(), FIONREAD, &left) == 0 && left > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  input_.reset();
  auto request = named<wire::CloseIORequest>();
  request.set_stdin(true);
  google::protobuf::Empty done;
  return unless_missing(call("close the input", *tasks_, &wire::Tasks::Stub::CloseIO, request, done));
}

Result<void> ContainerdExec::resize(std::uint16_t rows, std::uint16_t columns) {
  auto request = named<wire::ResizePtyRequest>();
  request.set_height(rows);
  request.set_width(columns);
  google::protobuf::Empty done;
  return call("resize the terminal", *tasks_, &wire::Tasks::Stub::ResizePty, request, done);
}

Result<void> ContainerdExec::signal(int number) {
  auto request = named<wire::KillRequest>();
  request.set_signal(static_cast<std::uint32_t>(number));
  google::protobuf::Empty done;
  return call("signal the process", *tasks_, &wire::Tasks::Stub::Kill, request, done);
}

Result<int> ContainerdExec::wait(std::stop_token stop) {
  const auto end = std::chrono::steady_clock::now() + return_limit;
  for (;;) {
    wire::WaitResponse answer;
    auto result = call("wait for the process", *tasks_, &wire::Tasks::Stub::Wait, named<wire::WaitRequest>(),
                       answer, {.limit = 0ms, .stop = stop});
    if (result) {
      ended_ = true;
      return static_cast<int>(answer.exit_status());
    }
    const bool may_return =
        result.error().kind == Kind::unavailable && std::chrono::steady_clock::now() < end;
    if (!may_return) return tl::unexpected<Error>(std::move(result).error());
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace

Result<std::unique_ptr<Exec>> start_exec(const std::shared_ptr<Session>& session,
                                         const std::string& container, const ProcessSpec& process,
                                         const json::value& container_spec) {
  PHOTON_TRY(const json::value described, exec_process(container_spec, process));
  auto made = std::make_unique<ContainerdExec>(session, container, process.terminal);
  PHOTON_CHECK(made->start(described));
  return made;
}

}  // namespace photon::engine
