"""A listening sshd of its own, on loopback, with the algorithms that the gateway offers."""

import getpass
import os
import socket
import subprocess
import time

from bench import BUILD, run

SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxSessions 10
KexAlgorithms curve25519-sha256
Subsystem sftp internal-sftp
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Peer:
    def __init__(self, folder, key):
        self.folder = f"{folder}/peer"
        self.key = key
        self.port = free_port()

    def __enter__(self):
        os.makedirs(f"{self.folder}/empty")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/host")
        with open(f"{self.key}.pub", encoding="utf-8") as file:
            public = file.read()
        self._write("authorized_keys", public)
        self._write("sshd_config", SETTINGS.format(port=self.port, folder=self.folder))
        with open(f"{self.folder}/host.pub", encoding="utf-8") as file:
            self._write("known_hosts", f"[127.0.0.1]:{self.port} {file.read()}")
        self._write("config", f"Host peer\n  HostName 127.0.0.1\n  Port {self.port}\n  User {getpass.getuser()}\n"
                              f"  UserKnownHostsFile {self.folder}/known_hosts\n")
        server = ["/usr/sbin/sshd", "-D", "-f", f"{self.folder}/sshd_config", "-E", f"{self.folder}/log"]
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
            # A home without start files of the shell: they would be measured, too.
            hide = f'mount --bind {self.folder}/empty "$HOME" && exec "$@"'
            server = [f"{BUILD}/tests/own_mounts", "sh", "-c", hide, "sh"] + server
        self.server = subprocess.Popen(server, stdin=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        self.__exit__()
        raise SystemExit("bench ssh: sshd does not answer")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def _write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
