"""An environment of the base image in a devenv with a data folder of its own, its SSH on a TCP port when asked."""

import os
import socket
import subprocess

from bench import BIN, run, say

# As systemd hands sockets over: number 3, by a name.
ACTIVATED = 'exec 3<&"$1"; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=ssh exec "$0" --foreground'


class Ours:
    def __init__(self, folder, image):
        self.folder = f"{folder}/ours"
        self.image = image
        self.daemon = None
        os.makedirs(f"{self.folder}/web")
        self.environment = {**os.environ, "HOME": self.folder, "DEVENV_HOME": f"{self.folder}/home",
                            "PATH": f"{BIN}:{os.environ['PATH']}"}
        self.key = f"{self.folder}/home/config/id_ed25519"
        self.config = f"{self.folder}/.ssh/config"  # with ProxyCommand
        self.tcp = f"{self.folder}/tcp_config"

    def __enter__(self):
        say("ssh: an environment of the base image")
        try:
            self._devenv("image", "import", self.image, "--name", "devenv/base:latest")
            self._devenv("up", f"{self.folder}/web", "--name", "web")
            self._devenv("ssh-config", "--write")
        except SystemExit:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()
        self._devenv("rm", "--yes", "web")
        self._devenv("shutdown", "--all")

    def _devenv(self, *words):
        return run(f"{BIN}/devenv", *words, env=self.environment)

    def serve_tcp(self):
        """The daemon anew, its SSH on TCP instead of the Unix socket; the environment lives on."""
        self._devenv("shutdown")
        listener = socket.create_server(("127.0.0.1", 0))
        with open(f"{self.folder}/log", "wb") as log:
            self.daemon = subprocess.Popen(["sh", "-c", ACTIVATED, f"{BIN}/devenvd", str(listener.fileno())],
                                           env=self.environment, pass_fds=[listener.fileno()],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        port = listener.getsockname()[1]
        listener.close()
        with open(f"{self.folder}/home/run/ssh_host_ed25519_key.pub", encoding="utf-8") as file:
            host_key = file.read()
        with open(f"{self.folder}/known_hosts", "w", encoding="utf-8") as file:
            file.write(f"[127.0.0.1]:{port} {host_key}")
        with open(self.tcp, "w", encoding="utf-8") as file:
            file.write(f"Host ours\n  HostName 127.0.0.1\n  Port {port}\n  User web\n"
                       f"  UserKnownHostsFile {self.folder}/known_hosts\n")
