"""The reference CLI on a dockerd of its own: private folders, no bridge, no firewall rules."""

import glob
import os
import shutil
import signal
import subprocess
import time

import project
from bench import run, say


class Peer:
    def __init__(self, folder, set_up, image):
        self.folder = f"{folder}/peer"
        self.image = image
        os.makedirs(self.folder)
        self.socket = f"unix://{self.folder}/docker.sock"
        self.cgroup = f"photon-bench-{os.getpid()}"
        path = f"{run(set_up).split()[-1]}:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "HOME": self.folder, "DOCKER_HOST": self.socket}

    def __enter__(self):
        command = ["dockerd", "--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec", "-H", self.socket,
                   "-p", f"{self.folder}/pid", "--iptables=false", "--ip6tables=false", "--bridge=none",
                   "--cgroup-parent", self.cgroup]
        with open(f"{self.folder}/log", "w", encoding="utf-8") as log:
            # Its mounts are made in a namespace that goes with it.
            self.daemon = subprocess.Popen(["unshare", "--mount", "--propagation", "unchanged"] + command,
                                           env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait()
            say("up: import the base image into dockerd")
            run("sh", "-ec", f"zstd -qdc '{self.image}' | docker import - devenv/base:latest", env=self.environment)
        except SystemExit:
            self._end()
            raise
        return self

    def _wait(self):
        for _ in range(300):
            if self.daemon.poll() is not None:
                break
            if subprocess.run(["docker", "version"], env=self.environment, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        with open(f"{self.folder}/log", encoding="utf-8") as log:
            raise SystemExit(f"dockerd does not come up:\n{''.join(log.readlines()[-10:])}")

    def __exit__(self, *_):
        left = run("docker", "ps", "-qa", env=self.environment).split()
        if left:
            run("docker", "rm", "-f", *left, env=self.environment)
        self._end()

    def _end(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(timeout=30)
        for folder in glob.glob(f"/sys/fs/cgroup/*/{self.cgroup}") + [f"/sys/fs/cgroup/{self.cgroup}"]:
            if os.path.isdir(folder):
                os.rmdir(folder)

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
