"""A dockerd of Debian's package in private folders, without network and firewall rules. Root is needed."""

import glob
import os
import signal
import subprocess
import time

PEERS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../bench/peers"))


class Dockerd:
    """`environment` is what its clients need: PATH with docker and the reference CLI, DOCKER_HOST, a HOME."""

    def __init__(self, folder):
        if os.geteuid() != 0:
            raise SystemExit("dockerd needs root: run this as root")
        self.folder = folder
        self.cgroup = f"photon-dockerd-{os.getpid()}"
        home = os.path.join(folder, "home")
        os.makedirs(home)
        # What was set up before is found in the user's cache, whatever HOME is here.
        said = subprocess.run([PEERS], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.environment = {"PATH": f"{said.split()[-1]}:{os.environ['PATH']}", "HOME": home, "LANG": "C.UTF-8",
                            "DOCKER_HOST": f"unix://{folder}/docker.sock"}

    def __enter__(self):
        command = ["dockerd", "--data-root", f"{self.folder}/data", "--exec-root", f"{self.folder}/exec",
                   "-H", self.environment["DOCKER_HOST"], "-p", f"{self.folder}/pid", "--iptables=false",
                   "--ip6tables=false", "--bridge=none", "--storage-driver=vfs", "--cgroup-parent", self.cgroup]
        self.log = f"{self.folder}/log"
        with open(self.log, "w", encoding="utf-8") as log:
            # Its mounts are made in a namespace that goes with it.
            self.daemon = subprocess.Popen(["unshare", "--mount", "--propagation", "unchanged"] + command,
                                           env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def _wait(self):
        for _ in range(600):
            if self.daemon.poll() is not None:
                break
            if subprocess.run(["docker", "version"], env=self.environment, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.1)
        with open(self.log, encoding="utf-8") as log:
            raise SystemExit(f"dockerd does not come up:\n{''.join(log.readlines()[-10:])}")

    def __exit__(self, *_):
        self._end()

    def _end(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(timeout=60)
        for folder in glob.glob(f"/sys/fs/cgroup/*/{self.cgroup}") + [f"/sys/fs/cgroup/{self.cgroup}"]:
            if os.path.isdir(folder):
                os.rmdir(folder)

    def docker(self, *words, given=b""):
        done = subprocess.run(["docker", *words], env=self.environment, input=given, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"docker {' '.join(words)}: {done.stderr.decode()}")
        return done.stdout.decode().strip()

    def image(self, name, label=None):
        """An image of nothing but a label."""
        changes = [] if label is None else ["--change", "LABEL devcontainer.metadata=" + quoted(label)]
        self.docker("import", *changes, "-", name, given=b"\0" * 10240)
        return name

    def container(self, image, labels, variables):
        """One that exists and never ran."""
        words = [f"--label={name}={value}" for name, value in labels.items()]
        words += [f"--env={name}={value}" for name, value in variables.items()]
        return self.docker("create", *words, image, "none")


def quoted(text):
    """As the parser of a Dockerfile takes it: in double quotes, with \\, " and $ escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
