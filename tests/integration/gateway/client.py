"""What another SSH client asks for: python3-paramiko, run by transfer_test.cpp."""
import sys
import time

import paramiko

port, folder = int(sys.argv[1]), sys.argv[2]


def check(what, right):
    if not right:
        raise SystemExit("paramiko: " + what)


client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", port, "web", key_filename=folder + "/id", allow_agent=False, look_for_keys=False)
transport = client.get_transport()

# Exit statuses with and without a terminal, stderr apart.
for terminal in (False, True):
    _, out, err = client.exec_command("echo out; echo err >&2; exit 5", get_pty=terminal)
    text, faults = out.read().replace(b"\r", b""), err.read()
    check("output %r %r" % (text, faults), (text, faults) == ((b"out\nerr\n", b"") if terminal else (b"out\n", b"err\n")))
    check("exit status", out.channel.recv_exit_status() == 5)

# The window is set, then changed.
channel = transport.open_session()
channel.get_pty("vt100", 101, 33)
channel.exec_command("stty size; read line; stty size")
text = b""
while b"33 101" not in text:
    text += channel.recv(1000)
channel.resize_pty(120, 40)
time.sleep(0.3)
channel.send(b"\n")
while b"40 120" not in text:
    got = channel.recv(1000)
    check("window change %r" % text, got)
    text += got
channel.close()

# Half-close: output goes on after the end of the input.
channel = transport.open_session()
channel.exec_command("wc -c; echo done")
channel.sendall(b"x" * 3000000)
channel.shutdown_write()
text = b""
while got := channel.recv(1000):
    text += got
check("half close %r" % text, text == b"3000000\ndone\n")

# Files.
sftp = client.open_sftp()
check("sftp home", sftp.normalize(".") == "/root")
with sftp.open(folder + "/paramiko", "w") as file:
    file.write(b"y" * 1000000)
check("sftp size", sftp.stat(folder + "/paramiko").st_size == 1000000)
sftp.remove(folder + "/paramiko")

# A port that nobody listens on is refused before the channel is open.
try:
    transport.open_channel("direct-tcpip", ("127.0.0.1", 1), ("127.0.0.1", 1))
    check("refused port", False)
except paramiko.ChannelException:
    pass
client.close()
