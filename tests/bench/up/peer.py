"""The reference CLI on a dockerd of its own: private folders, no bridge, no firewall rules."""

import os
import shutil
import sys

import project
from bench import run, say

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures"))
from dockerd import Dockerd  # noqa: E402


class Peer(Dockerd):
    def __init__(self, folder, image):
        super().__init__(f"{folder}/peer", environment=os.environ)
        self.base = image

    def begin(self):
        say("up: import the base image into dockerd")
        run("sh", "-ec", f"zstd -qdc '{self.base}' | docker import - devenv/base:latest", env=self.environment)

    def __exit__(self, *_):
        left = run("docker", "ps", "-qa", env=self.environment).split()
        if left:
            run("docker", "rm", "-f", *left, env=self.environment)
        super().__exit__()

    def prepare(self, number):
        self.project = project.make(f"{self.folder}/web-{number}", runArgs=["--network=none"])

    def _cli(self, *words):
        run("devcontainer", words[0], "--workspace-folder", self.project, *words[1:], env=self.environment)

    def _container(self):
        label = f"label=devcontainer.local_folder={self.project}"
        return run("docker", "ps", "-qa", "--filter", label, env=self.environment).strip()

    def up(self):
        self._cli("up")

    def exec(self):
        self._cli("exec", "true")

    def version(self):
        run("devcontainer", "--version", env=self.environment)

    def stop(self):
        run("docker", "stop", self._container(), env=self.environment)

    def remove(self):
        run("docker", "rm", "-f", self._container(), env=self.environment)
        shutil.rmtree(self.project)
