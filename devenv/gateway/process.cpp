#include "devenv/gateway/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace photon::gateway {
namespace {

using Clock = std::chrono::steady_clock;

// After a terminal's program has ended, its last bytes may still be on their way through the kernel.
constexpr std::chrono::milliseconds terminal_grace{60};
constexpr std::size_t most_env = 128;
constexpr int pipe_size = 256 * 1024;
constexpr const char* agent_path = "/run/devenv/agent.sock";

struct Signal {
  std::string_view name;
  int number;
};
// The names of RFC 4254; others that Linux has go by their names, too.
constexpr std::array signals{
    Signal{"ABRT", SIGABRT}, Signal{"ALRM", SIGALRM}, Signal{"FPE", SIGFPE},     Signal{"HUP", SIGHUP},
    Signal{"ILL", SIGILL},   Signal{"INT", SIGINT},   Signal{"KILL", SIGKILL},   Signal{"PIPE", SIGPIPE},
    Signal{"QUIT", SIGQUIT}, Signal{"SEGV", SIGSEGV}, Signal{"TERM", SIGTERM},   Signal{"USR1", SIGUSR1},
    Signal{"USR2", SIGUSR2}, Signal{"BUS", SIGBUS},   Signal{"TRAP", SIGTRAP},   Signal{"SYS", SIGSYS},
    Signal{"XCPU", SIGXCPU}, Signal{"XFSZ", SIGXFSZ}, Signal{"WINCH", SIGWINCH}, Signal{"CONT", SIGCONT},
    Signal{"STOP", SIGSTOP}, Signal{"TSTP", SIGTSTP},
};

Process& self(void* data) { return *static_cast<Process*>(data); }

std::uint16_t size_of_window(int value) { return static_cast<std::uint16_t>(std::clamp(value, 0, 65535)); }

}  // namespace

Process::Process(ssh_channel channel, const Shared& shared) : Channel(channel), shared_(shared) {
  install_callbacks();
  listen();
}

void Process::install_callbacks() {
  callbacks_.channel_pty_request_function = [](ssh_session, ssh_channel, const char* term, int columns,
                                               int rows, int, int, void* data) {
    auto& process = self(data);
    if (process.begun_ || process.tty_) return -1;
    process.tty_ = inside::Tty{size_of_window(rows), size_of_window(columns)};
    if (term != nullptr && *term != '\0') process.env_.push_back(std::string("TERM=") + term);
    return 0;
  };
  callbacks_.channel_env_request_function = [](ssh_session, ssh_channel, const char* name, const char* value,
                                               void* data) {
    auto& process = self(data);
    std::string key(name);
    // LD_* would change what the environment's programs are; a name with "=" would smuggle one in.
    bool refused = key.empty() || key.starts_with("LD_") || key.find('=') != std::string::npos;
    if (refused || process.begun_ || process.env_.size() >= most_env) return -1;
    process.env_.push_back(key + "=" + value);
    return 0;
  };
  callbacks_.channel_pty_window_change_function = [](ssh_session, ssh_channel, int columns, int rows, int,
                                                     int, void* data) {
    self(data).resize(columns, rows);
    return 0;
  };
  callbacks_.channel_signal_function = [](ssh_session, ssh_channel, const char* name, void* data) {
    self(data).signal(name);
  };
  callbacks_.channel_auth_agent_req_function = [](ssh_session, ssh_channel, void* data) {
    auto& process = self(data);
    process.agent_ = process.shared_.agent();
  };
  callbacks_.channel_shell_request_function = [](ssh_session, ssh_channel, void* data) {
    if (self(data).begun_) return 1;
    self(data).begin(What::shell, {});
    return 0;
  };
  callbacks_.channel_exec_request_function = [](ssh_session, ssh_channel, const char* command, void* data) {
    if (self(data).begun_) return 1;
    self(data).begin(What::command, command);
    return 0;
  };
  callbacks_.channel_subsystem_request_function = [](ssh_session, ssh_channel, const char* name, void* data) {
    if (self(data).begun_ || std::string_view(name) != "sftp") return 1;
    self(data).begin(What::sftp, {});
    return 0;
  };
}

void Process::begin(What what, const std::string& command) {
  begun_ = true;
  if (auto done = start(what, command); !done) refuse(done.error());
}

Result<void> Process::start(What what, const std::string& command) {
  PHOTON_TRY(auto session, shared_.broker.session(shared_.name));
  inside::ExecRequest request;
  std::string shell = session.shell.empty() ? "/bin/sh" : session.shell;
  if (what == What::shell) request.argv = {shell, "-l"};
  if (what == What::command) request.argv = {shell, "-c", command};
  if (what == What::sftp) request.argv = {"/run/devenv/bin/sftp-server"};
  request.user = session.user;
  // sftp starts in the home (an unknown folder falls back to it); the others where the environment's work is.
  if (what != What::sftp) request.cwd = session.cwd;
  request.env = session.env;
  request.env.insert(request.env.end(), env_.begin(), env_.end());
  request.env.push_back("SSH_CONNECTION=" + shared_.ssh_connection);
  auto words = shared_.ssh_connection;
  auto last = words.rfind(' ');
  auto third = words.rfind(' ', last - 1);
  request.env.push_back("SSH_CLIENT=" + words.substr(0, third) + words.substr(last));
  if (agent_) request.env.push_back(fmt::format("SSH_AUTH_SOCK={}", agent_path));
  // A terminal asked for together with sftp must not translate its bytes.
  if (tty_ && what != What::sftp) {
    request.tty = tty_;
    return start_with_terminal(std::move(session), request);
  }
  return start_with_pipes(std::move(session), std::move(request));
}

Result<void> Process::start_with_terminal(inside::Session session, const inside::ExecRequest& request) {
  PHOTON_TRY(running_, inside::exec(std::move(session.connection), request, {}));
  PHOTON_TRY(Fd to, duplicate(running_.master.get()));
  PHOTON_TRY(Fd from, duplicate(running_.master.get()));
  relay_.attach(channel_, std::move(to), std::move(from), Fd());
  return {};
}

Result<void> Process::start_with_pipes(inside::Session session, inside::ExecRequest request) {
  // Pipes, not sockets: programs may open /dev/stdin and /dev/stdout anew. Room for a few packets, so that
  // neither side waits for the other at each.
  PHOTON_TRY(auto in, make_pipe());
  PHOTON_TRY(auto out, make_pipe());
  PHOTON_TRY(auto err, make_pipe());
  request.give_stdio = true;
  for (const Fd* end : {&in.first, &out.first}) ::fcntl(end->get(), F_SETPIPE_SZ, pipe_size);
  PHOTON_TRY(running_, inside::exec(std::move(session.connection), request,
                                    {in.first.get(), out.second.get(), err.second.get()}));
  relay_.attach(channel_, std::move(in.second), std::move(out.first), std::move(err.first));
  return {};
}

void Process::refuse(const Error& error) {
  const std::string_view end = tty_ ? "\r\n" : "\n";
  last_words_ = fmt::format("devenv: {}{}", sentence(error), end);
  if (!error.hint.empty() && error.hint.find('\n') == std::string::npos)
    last_words_ += fmt::format("  {}{}", error.hint, end);
  ended_ = inside::Ended{error.kind == Kind::not_found ? 127 : 126, 0};
  running_ = {};
}

void Process::watch(std::vector<pollfd>& polled, bool stalled) {
  Channel::watch(polled, stalled);
  end_place_ = 0;
  if (!running_.connection || ended_) return;
  end_place_ = polled.size();
  polled.push_back({running_.connection.get(), POLLIN, 0});
}

void Process::notice(const std::vector<pollfd>& polled) {
  Channel::notice(polled);
  end_told_ = end_place_ != 0 && polled[end_place_].revents != 0;
}

int Process::patience() const {
  if (!ended_) return -1;
  return running_.master ? 20 : -1;
}

void Process::take_end() {
  if (ended_ || !end_told_) return;
  auto end = inside::wait(running_);
  // The environment was stopped beneath us: to the client that is a kill.
  ended_ = end ? *end : inside::Ended{128 + SIGKILL, SIGKILL};
  quiet_since_ = Clock::now();
}

bool Process::step(bool stalled) {
  if (closed_by_client_) {
    relay_.flush();
    done_ = true;
    return true;
  }
  take_end();
  bool moved = relay_.pump(stalled);
  if (moved) quiet_since_ = Clock::now();
  if (!ended_) return moved;
  if (!last_words_.empty()) {
    int put = ssh_channel_write_stderr(channel_, last_words_.data(),
                                       static_cast<std::uint32_t>(last_words_.size()));
    if (put > 0) last_words_.erase(0, static_cast<std::size_t>(put));
    if (!last_words_.empty()) return moved;
  }
  // Something in the background may hold the terminal open for ever; the session is over all the same.
  bool waiting = relay_.output_held() || stalled || Clock::now() - quiet_since_ < terminal_grace;
  if (running_.master && !waiting) relay_.stop_output();
  if (!relay_.attached() || relay_.output_done()) finish();
  return moved;
}

void Process::finish() {
  if (ended_->signal == 0) {
    ssh_channel_request_send_exit_status(channel_, ended_->status);
  } else {
    const char* name = "KILL";
    for (const auto& signal : signals)
      if (signal.number == ended_->signal) name = signal.name.data();
    ssh_channel_request_send_exit_signal(channel_, name, 0, "", "");
  }
  close();
}

void Process::resize(int columns, int rows) {
  winsize size{size_of_window(rows), size_of_window(columns), 0, 0};
  if (tty_) tty_ = inside::Tty{size.ws_row, size.ws_col};
  if (running_.master) ::ioctl(running_.master.get(), TIOCSWINSZ, &size);
}

void Process::signal(std::string_view name) {
  for (const auto& signal : signals)
    if (signal.name == name && running_.pid != 0 && !ended_) (void)inside::signal(running_, signal.number);
}

}  // namespace photon::gateway
