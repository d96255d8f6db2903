#include "devenv/gateway/channel.hpp"

namespace photon::gateway {

Channel::~Channel() {
  // libssh keeps the channel until the client has closed it, too, and would tell us, who are gone.
  ssh_remove_channel_callbacks(channel_, &callbacks_);
  ssh_channel_free(channel_);
}

void Channel::listen() {
  callbacks_.userdata = this;
  callbacks_.channel_data_function = [](ssh_session, ssh_channel, void* bytes, std::uint32_t size,
                                        int is_stderr, void* data) {
    if (is_stderr != 0) return static_cast<int>(size);
    return static_cast<int>(
        static_cast<Channel*>(data)->relay_.receive(static_cast<const char*>(bytes), size));
  };
  callbacks_.channel_eof_function = [](ssh_session, ssh_channel, void* data) {
    static_cast<Channel*>(data)->relay_.client_eof();
  };
  callbacks_.channel_close_function = [](ssh_session, ssh_channel, void* data) {
    static_cast<Channel*>(data)->closed_by_client_ = true;
  };
  ssh_callbacks_init(&callbacks_);
  ssh_set_channel_callbacks(channel_, &callbacks_);
}

void Channel::close() {
  if (!eof_sent_) ssh_channel_send_eof(channel_);
  eof_sent_ = true;
  ssh_channel_close(channel_);
  done_ = true;
}

}  // namespace photon::gateway
