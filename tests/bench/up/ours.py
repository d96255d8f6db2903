"""devenv with a data folder of its own."""

import os

import project
from bench import run, say


class Ours:
    def __init__(self, folder, programs, image):
        self.folder = f"{folder}/ours"
        self.name = ""
        self.image = image
        os.makedirs(self.folder)
        self.devenv = f"{programs}/devenv"
        self.environment = {**os.environ, "HOME": self.folder, "DEVENV_HOME": f"{self.folder}/home",
                            "PATH": f"{programs}:{os.environ['PATH']}"}

    def __enter__(self):
        say("up: import the base image into devenv")
        try:
            self._devenv("image", "import", self.image, "--name", "devenv/base:latest")
        except SystemExit:
            self.shut_down()
            raise
        return self

    def __exit__(self, *_):
        if self.name:
            self._devenv("rm", "--yes", self.name)
        self.shut_down()

    def _devenv(self, *words):
        return run(self.devenv, *words, env=self.environment)

    def prepare(self, number):
        project.make(f"{self.folder}/web-{number}")
        self.fresh = f"web-{number}"

    def up(self):
        self.name = self.fresh
        self._devenv("up", f"{self.folder}/{self.name}")

    def ssh(self):
        config = f"{self.folder}/.ssh/config"
        if not os.path.exists(config):
            self._devenv("ssh-config", "--write")
        run("ssh", "-F", config, f"{self.name}.devenv", "true", env=self.environment)

    def exec(self):
        self._devenv("exec", self.name, "--", "true")

    def version(self):
        self._devenv("version")

    def stop(self):
        self._devenv("stop", self.name)

    def start(self):
        self._devenv("start", self.name)

    def remove(self):
        self._devenv("rm", "--yes", self.name)
        self.name = ""

    def shut_down(self):
        self._devenv("shutdown", "--all")
