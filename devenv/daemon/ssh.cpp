#include "devenv/daemon/ssh.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

#include "devenv/core/log.hpp"

namespace photon::daemon {
namespace {
using boost::system::error_code;
}

struct SshServer::Visitor {
  explicit Visitor(Child process) : child(std::move(process)) {}
  Child child;
  std::optional<Descriptor> ended;
  std::shared_ptr<bool> counted;
};

void SshServer::listen(Fd socket) {
  auto listener = std::make_shared<Descriptor>(loop_, socket.release());
  listeners_.push_back(listener);
  accept(listener);
}

void SshServer::stop() {
  for (const auto& listener : listeners_) listener->close();
  listeners_.clear();
}

void SshServer::accept(const std::shared_ptr<Descriptor>& listener) {
  auto ready = [self = shared_from_this(), listener](error_code error) {
    if (error) return;
    Fd connection(::accept4(listener->native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection && self->unauthenticated_ < most_unauthenticated) {
      if (auto received = self->receive(std::move(connection)); !received) log::error(received.error());
    }
    self->accept(listener);
  };
  listener->async_wait(Descriptor::wait_read, ready);
}

/// A sealed file in memory: the gateway has no right to read the one on disk.
Result<Fd> SshServer::key_file() const {
  Fd file(::memfd_create("host-key", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail_errno("make a file in memory", errno);
  PHOTON_CHECK(write_all(file.get(), host_key_.reveal()));
  ::lseek(file.get(), 0, SEEK_SET);
  ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return file;
}

Result<void> SshServer::receive(Fd connection) {
  auto counted = std::make_shared<bool>(true);
  auto known = [self = shared_from_this(), counted] {
    if (std::exchange(*counted, false)) --self->unauthenticated_;
  };
  PHOTON_TRY(Fd broker, broker_->for_gateway(known));
  PHOTON_TRY(Fd key, key_file());
  Command command{.argv = {gateway_, "--broker", "3", "--connection", "4", "--host-key", "5"},
                  .environment = std::map<std::string, std::string>{},
                  .directory = "/",
                  .error = STDERR_FILENO,
                  .pass = {{broker.get(), 3}, {connection.get(), 4}, {key.get(), 5}},
                  .new_session = true};
  PHOTON_TRY(auto child, start(command));
  ++unauthenticated_;
  auto visitor = std::make_shared<Visitor>(std::move(child));
  visitor->counted = counted;
  leave(visitor);
  return {};
}

/// Reaps the gateway when it ends, through its pidfd.
void SshServer::leave(const std::shared_ptr<Visitor>& visitor) {
  auto pidfd = duplicate(visitor->child.pidfd());
  if (!pidfd) return log::error(pidfd.error());
  visitor->ended.emplace(loop_, pidfd->release());
  auto ended = [self = shared_from_this(), visitor](error_code) {
    if (std::exchange(*visitor->counted, false)) --self->unauthenticated_;
    static_cast<void>(visitor->child.wait_for(std::chrono::milliseconds(0)));
  };
  visitor->ended->async_wait(Descriptor::wait_read, ended);
}

}  // namespace photon::daemon
