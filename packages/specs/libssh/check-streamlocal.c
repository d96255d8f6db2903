/* Proves streamlocal.patch with OpenSSH's own client on the other side:
 *   serve       an SSH server on stdin and stdout (ssh's ProxyCommand): it echoes what comes for /echo/here, and
 *               when asked to listen at /there/is.sock, it opens such a connection at once
 *   hear PATH   listens at PATH and prints what the first connection brings
 *   echo PATH   sends 8 MiB to PATH and compares what comes back */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { size = 8 << 20 };

static int listening;       /* the client has asked for /there/is.sock */
static ssh_channel echoing; /* the connection to /echo/here, and what it has still to hear */
static char held[size];
static size_t held_from, held_to;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int unix_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  if (connect(fd, (void *)&address, sizeof address)) fail(path);
  return fd;
}

/* The name appears when the socket listens, so that one can wait for it. */
static int listener(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
  if (bind(fd, (void *)&address, sizeof address) || listen(fd, 1) || rename(address.sun_path, path)) fail(path);
  return fd;
}

static int hear(const char *path) {
  char text[256];
  int fd = accept(listener(path), NULL, NULL);
  for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;) fwrite(text, 1, n, stdout);
  return 0;
}

static int echo(const char *path) {
  char *sent = malloc(size), *back = malloc(size);
  size_t out = 0, in = 0;
  int fd = unix_socket(path);
  for (size_t i = 0; i < size; i++) sent[i] = (char)(i * 2654435761u >> 13);
  while (in < size) {
    struct pollfd polled = {fd, POLLIN | (out < size ? POLLOUT : 0), 0};
    ssize_t n;
    if (poll(&polled, 1, 60000) <= 0) fail("nothing comes back");
    if (polled.revents & POLLOUT && (n = send(fd, sent + out, size - out, MSG_DONTWAIT)) > 0) out += n;
    if (polled.revents & POLLIN) {
      if ((n = recv(fd, back + in, size - in, 0)) <= 0) fail("closed too early");
      in += n;
    }
  }
  return memcmp(sent, back, size) != 0;
}

static int on_none(ssh_session session, const char *user, void *data) {
  (void)session, (void)user, (void)data;
  return SSH_AUTH_SUCCESS;
}

static int on_data(ssh_session session, ssh_channel channel, void *bytes, uint32_t length, int is_stderr, void *data) {
  (void)session, (void)channel, (void)is_stderr, (void)data;
  if (length > size - held_to) length = size - held_to;
  memcpy(held + held_to, bytes, length); /* written by the loop: a write in here would run this again */
  held_to += length;
  return length;
}

static int on_message(ssh_session session, ssh_message message, void *data) {
  static struct ssh_channel_callbacks_struct callbacks = {.channel_data_function = on_data};
  (void)session, (void)data;
  if (ssh_message_type(message) != SSH_REQUEST_CHANNEL_OPEN ||
      ssh_message_subtype(message) != SSH_CHANNEL_DIRECT_STREAMLOCAL ||
      strcmp(ssh_message_channel_request_open_destination(message), "/echo/here") != 0)
    return 1;
  if (!(echoing = ssh_message_channel_request_open_reply_accept(message))) return 1;
  ssh_callbacks_init(&callbacks);
  ssh_set_channel_callbacks(echoing, &callbacks);
  return 0;
}

static void on_global(ssh_session session, ssh_message message, void *data) {
  (void)session, (void)data;
  if (ssh_message_subtype(message) == SSH_GLOBAL_REQUEST_STREAMLOCAL_FORWARD &&
      strcmp(ssh_message_global_request_address(message), "/there/is.sock") == 0) {
    ssh_message_global_request_reply_success(message, 0);
    listening = 1;
  } else {
    ssh_message_reply_default(message);
  }
}

/* ssh gives a ProxyCommand two pipes, libssh wants one descriptor. A process for each direction: one for both would
 * wait for a server that waits for it. */
static void relay(int from, int to, int servers) {
  char bytes[65536];
  ssize_t n;
  if (fork() != 0) return;
  close(servers);
  while ((n = read(from, bytes, sizeof bytes)) > 0)
    for (ssize_t done = 0, written; done < n; done += written)
      if ((written = write(to, bytes + done, n - done)) <= 0) _exit(0);
  shutdown(to, SHUT_WR);
  _exit(0);
}

static int serve(void) {
  static struct ssh_server_callbacks_struct server = {.auth_none_function = on_none};
  static struct ssh_callbacks_struct callbacks = {.global_request_function = on_global};
  static const char text[] = "from the server\n";
  ssh_bind bind = ssh_bind_new();
  ssh_session session = ssh_new();
  ssh_event event = ssh_event_new();
  ssh_channel back = NULL;
  ssh_key key;
  int pair[2], state = SSH_AGAIN;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) fail("socketpair");
  relay(0, pair[1], pair[0]);
  relay(pair[1], 1, pair[0]);
  close(pair[1]), close(0), close(1);
  if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK) return 1;
  ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
  ssh_callbacks_init(&server);
  ssh_callbacks_init(&callbacks);
  if (ssh_bind_accept_fd(bind, session, pair[0]) != SSH_OK) return 1;
  ssh_set_server_callbacks(session, &server);
  ssh_set_callbacks(session, &callbacks);
  ssh_set_message_callback(session, on_message, NULL);
  ssh_set_auth_methods(session, SSH_AUTH_METHOD_NONE);
  if (ssh_handle_key_exchange(session) != SSH_OK) return 1;
  ssh_event_add_session(event, session);
  ssh_set_blocking(session, 0);
  while (ssh_event_dopoll(event, held_from < held_to ? 1 : 100) != SSH_ERROR && ssh_is_connected(session)) {
    uint32_t window = echoing ? ssh_channel_window_size(echoing) : 0;
    if (window > held_to - held_from) window = held_to - held_from;
    if (window > 0) {
      int n = ssh_channel_write(echoing, held + held_from, window);
      if (n > 0) held_from += n;
    }
    if (!listening) continue;
    if (!back) back = ssh_channel_new(session);
    if (state == SSH_AGAIN) state = ssh_channel_open_reverse_forward_unix(back, "/there/is.sock");
    if (state != SSH_OK) continue;
    ssh_channel_write(back, text, sizeof text - 1);
    ssh_channel_send_eof(back);
    ssh_channel_close(back);
    state = SSH_ERROR;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "hear") == 0) return hear(argv[2]);
  if (argc == 3 && strcmp(argv[1], "echo") == 0) return echo(argv[2]);
  return argc == 2 && strcmp(argv[1], "serve") == 0 ? serve() : 2;
}
