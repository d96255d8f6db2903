// Setting the session up, and what the client may ask of it beyond channels' own requests.
#include "devenv/gateway/forward.hpp"
#include "devenv/gateway/server.hpp"
#include "devenv/ssh/streamlocal.hpp"

namespace photon::gateway {
namespace {

struct Setting {
  ssh_bind_options_e option;
  const char* value;
};
// No CBC, no SHA-1, MACs only over ciphertext; the unknown names are passed over by older libraries.
constexpr Setting algorithms[] = {
    {SSH_BIND_OPTIONS_KEY_EXCHANGE,
#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 12, 0)
     "mlkem768x25519-sha256,sntrup761x25519-sha512,"
#endif
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384"},
    {SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, "ssh-ed25519"},
    {SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
     "ssh-ed25519,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,ecdsa-sha2-nistp256,"
     "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"},
    {SSH_BIND_OPTIONS_CIPHERS_C_S,
     "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes128-ctr"},
    {SSH_BIND_OPTIONS_CIPHERS_S_C,
     "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes128-ctr"},
    {SSH_BIND_OPTIONS_HMAC_C_S, "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"},
    {SSH_BIND_OPTIONS_HMAC_S_C, "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"},
    {SSH_BIND_OPTIONS_BANNER, "devenv"},
};

tl::unexpected<Error> broken(const char* what) {
  return fail(Kind::internal, "gateway.library", std::string("libssh refuses ") + what);
}

}  // namespace

Result<void> Server::prepare(const Secret& host_key) {
  bind_.reset(ssh_bind_new());
  session_.reset(ssh_new());
  event_.reset(ssh_event_new());
  if (!bind_ || !session_ || !event_) return broken("to start");
  bool process_config = false;  // neither the machine's server configuration nor its crypto policy
  if (ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config) != SSH_OK)
    return broken("PROCESS_CONFIG");
  for (const auto& setting : algorithms)
    if (ssh_bind_options_set(bind_.get(), setting.option, setting.value) != SSH_OK)
      return broken(setting.value);
  ssh::Key key;
  if (ssh_pki_import_privkey_base64(host_key.reveal().c_str(), nullptr, nullptr, nullptr, Out(key)) != SSH_OK)
    return broken("the host key");
  if (ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_IMPORT_KEY, key.get()) != SSH_OK)
    return broken("the host key");
  (void)key.release();  // the bind frees it
  if (ssh_bind_accept_fd(bind_.get(), session_.get(), options_.connection) != SSH_OK)
    return broken("the connection");
  std::uint64_t rekey_bytes = std::uint64_t{1} << 30;
  ssh_options_set(session_.get(), SSH_OPTIONS_REKEY_DATA, &rekey_bytes);
  ssh_options_set(session_.get(), SSH_OPTIONS_COMPRESSION_C_S, "none");
  ssh_options_set(session_.get(), SSH_OPTIONS_COMPRESSION_S_C, "none");
  ssh_set_blocking(session_.get(), 0);
  ssh_set_auth_methods(session_.get(), SSH_AUTH_METHOD_PUBLICKEY);
  install_callbacks();
  return {};
}

void Server::install_callbacks() {
  server_callbacks_.userdata = this;
  server_callbacks_.auth_none_function = [](ssh_session, const char*, void*) -> int {
    return SSH_AUTH_DENIED;
  };
  server_callbacks_.auth_pubkey_function = [](ssh_session, const char* user, ssh_key key, char state,
                                              void* data) {
    auto& server = *static_cast<Server*>(data);
    int answer = server.authentication_.key(user, key, state);
    server.shared_.name = server.authentication_.name();  // the first request may come in the same turn
    return answer;
  };
  server_callbacks_.channel_open_request_session_function = [](ssh_session session,
                                                               void* data) -> ssh_channel {
    auto& server = *static_cast<Server*>(data);
    if (!server.authentication_.accepted() || server.sessions_ >= server.options_.sessions) return nullptr;
    ssh_channel channel = ssh_channel_new(session);
    if (channel == nullptr) return nullptr;
    ++server.sessions_;
    server.channels_.push_back(std::make_unique<Process>(channel, server.shared_));
    return channel;
  };
  ssh_callbacks_init(&server_callbacks_);
  ssh_set_server_callbacks(session_.get(), &server_callbacks_);
  callbacks_.userdata = this;
  callbacks_.global_request_function = [](ssh_session, ssh_message message, void* data) {
    static_cast<Server*>(data)->global_request(message);
  };
  ssh_callbacks_init(&callbacks_);
  ssh_set_callbacks(session_.get(), &callbacks_);
  ssh_set_message_callback(
      session_.get(),
      [](ssh_session, ssh_message message, void* data) {
        return static_cast<Server*>(data)->open_channel(message);
      },
      this);
}

// 1 is libssh's word for "answer no".
int Server::open_channel(ssh_message message) {
  if (ssh_message_type(message) != SSH_REQUEST_CHANNEL_OPEN || !authentication_.accepted() ||
      count_forwards() >= options_.forwards)
    return 1;
  int type = ssh_message_subtype(message);
  const char* destination = ssh_message_channel_request_open_destination(message);
  if (type == ssh::channel_direct_streamlocal && destination != nullptr)
    return open_streamlocal(message, destination);
  if (type != SSH_CHANNEL_DIRECT_TCPIP) return 1;
  int port = ssh_message_channel_request_open_destination_port(message);
  if (destination == nullptr || port < 1 || port > 65535) return 1;
  auto session = broker_.session(shared_.name);
  if (!session) return 1;
  auto number = static_cast<std::uint16_t>(port);
  std::string host = destination;
  if (is_loopback(host)) {
    // Answered by the kernel at once, so the client hears of a refused port before the channel is open.
    auto socket = inside::connect_tcp(std::move(session->connection), host, number);
    if (!socket) return 1;
    if (ssh_channel channel = ssh_message_channel_request_open_reply_accept(message))
      channels_.push_back(std::make_unique<Forward>(channel, std::move(*socket)));
    return 0;
  }
  auto connection = std::make_shared<Fd>(std::move(session->connection));
  auto reach = [connection, host, number]() -> Result<Fd> {
    return inside::connect_tcp(std::move(*connection), host, number);
  };
  if (ssh_channel channel = ssh_message_channel_request_open_reply_accept(message))
    channels_.push_back(std::make_unique<Forward>(channel, std::move(reach)));
  return 0;
}

void Server::global_request(ssh_message message) {
  int type = ssh_message_subtype(message);
  if (type == SSH_GLOBAL_REQUEST_KEEPALIVE) {
    ssh_message_global_request_reply_success(message, 0);
    return;
  }
  const char* address = ssh_message_global_request_address(message);
  std::string host = address != nullptr ? address : "";
  if (type == ssh::request_streamlocal_forward || type == ssh::request_cancel_streamlocal_forward)
    return streamlocal_request(message, type, host);
  int port = ssh_message_global_request_port(message);
  if (!authentication_.accepted() || port < 0 || port > 65535) {
    ssh_message_reply_default(message);
    return;
  }
  auto number = static_cast<std::uint16_t>(port);
  if (type == SSH_GLOBAL_REQUEST_TCPIP_FORWARD) {
    auto bound = begin_remote_forward(host, number);
    if (bound)
      ssh_message_global_request_reply_success(message, *bound);
    else
      ssh_message_reply_default(message);
    return;
  }
  if (type == SSH_GLOBAL_REQUEST_CANCEL_TCPIP_FORWARD) {
    auto gone = std::erase_if(remote_forwards_, [&](const auto& forward) {
      return !forward.unix_socket && forward.address == host && forward.port == number;
    });
    if (gone != 0) {
      ssh_message_global_request_reply_success(message, 0);
      return;
    }
  }
  ssh_message_reply_default(message);
}

Result<std::uint16_t> Server::begin_remote_forward(const std::string& address, std::uint16_t port) {
  if (count_forwards() >= options_.forwards)
    return fail(Kind::denied, "gateway.forwards", "too many forwards");
  PHOTON_TRY(auto session, broker_.session(shared_.name));
  // Whatever address was asked for: the environment's loopback and no other.
  PHOTON_TRY(auto listener,
             inside::listen_tcp(std::move(session.connection), address == "::1" ? "::1" : "127.0.0.1", port));
  remote_forwards_.push_back({address, listener.port, std::move(listener.socket)});
  return listener.port;
}

int Server::open_streamlocal(ssh_message message, const std::string& path) {
  auto session = broker_.session(shared_.name);
  if (!session) return 1;
  auto socket = inside::connect_path_as(std::move(session->connection), session->user, path);
  if (!socket) return 1;
  if (ssh_channel channel = ssh_message_channel_request_open_reply_accept(message))
    channels_.push_back(std::make_unique<Forward>(channel, std::move(*socket)));
  return 0;
}

void Server::streamlocal_request(ssh_message message, int type, const std::string& path) {
  bool done = false;
  if (authentication_.accepted() && type == ssh::request_streamlocal_forward) {
    done = begin_streamlocal(path).has_value();
  } else if (authentication_.accepted()) {
    done = std::erase_if(remote_forwards_, [&](const auto& forward) {
             return forward.unix_socket && forward.address == path;
           }) != 0;
    if (done) remove_path(path);
  }
  if (done)
    ssh_message_global_request_reply_success(message, 0);
  else
    ssh_message_reply_default(message);
}

Result<void> Server::begin_streamlocal(const std::string& path) {
  if (count_forwards() >= options_.forwards)
    return fail(Kind::denied, "gateway.forwards", "too many forwards");
  PHOTON_TRY(auto session, broker_.session(shared_.name));
  PHOTON_TRY(auto listener, inside::listen_path_as(std::move(session.connection), session.user, path));
  remote_forwards_.push_back({path, 0, std::move(listener.socket), true});
  return {};
}

void Server::remove_path(const std::string& path) {
  auto session = broker_.session(shared_.name);  // an environment that has gone took its sockets along
  if (session) (void)inside::remove_path_as(std::move(session->connection), session->user, path);
}

bool Server::begin_agent() {
  if (agent_) return true;
  auto listener = broker_.agent(shared_.name);
  if (listener) agent_ = std::move(*listener);
  return static_cast<bool>(agent_);
}

}  // namespace photon::gateway
