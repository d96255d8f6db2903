"""An environment of the base image in a devenv with a data folder of its own, its SSH on a TCP port, too."""

import json
import os

from bench import BIN, run, say


class Ours:
    def __init__(self, folder, image):
        self.folder = f"{folder}/ours"
        self.image = image
        os.makedirs(f"{self.folder}/home/config")
        os.makedirs(f"{self.folder}/web")
        with open(f"{self.folder}/home/config/config.toml", "w", encoding="utf-8") as file:
            file.write('[ssh]\nlisten = "127.0.0.1:0"\n')
        self.environment = {**os.environ, "HOME": self.folder, "DEVENV_HOME": f"{self.folder}/home",
                            "PATH": f"{BIN}:{os.environ['PATH']}"}
        self.key = f"{self.folder}/home/config/id_ed25519"
        self.config = f"{self.folder}/.ssh/config"  # with ProxyCommand

    def __enter__(self):
        say("ssh: an environment of the base image")
        try:
            self._devenv("image", "import", self.image, "--name", "devenv/base:latest")
            self._devenv("up", f"{self.folder}/web", "--name", "web")
            self._devenv("ssh-config", "--write")
            self._write_tcp()
        except SystemExit:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._devenv("rm", "--yes", "web")
        self._devenv("shutdown", "--all")

    def _devenv(self, *words):
        return run(f"{BIN}/devenv", *words, env=self.environment)

    def _write_tcp(self):
        address, port = json.loads(self._devenv("status", "--json"))["ssh"].rsplit(":", 1)
        with open(f"{self.folder}/home/run/ssh_host_ed25519_key.pub", encoding="utf-8") as file:
            host_key = file.read()
        with open(f"{self.folder}/known_hosts", "w", encoding="utf-8") as file:
            file.write(f"[{address}]:{port} {host_key}")
        self.tcp = f"{self.folder}/tcp_config"
        with open(self.tcp, "w", encoding="utf-8") as file:
            file.write(f"Host ours\n  HostName {address}\n  Port {port}\n  User web\n"
                       f"  UserKnownHostsFile {self.folder}/known_hosts\n")
