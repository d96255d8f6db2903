"""A workspace that is brought up: by the reference on its dockerd, and by ours with a daemon of its own."""

import io
import json
import os
import shutil
import subprocess
import tarfile

APPLETS = ["sh", "cat", "echo", "sleep", "id", "ls", "head", "kill", "true", "false", "env", "pwd", "touch", "rm", "mkdir", "test",
           "grep", "sed", "chown", "chmod", "stat", "wc", "sort", "tr", "ln", "cp", "printf", "dirname", "basename", "awk", "cut", "ps", "uname",
           "getent", "mv", "date", "tail", "find", "xargs", "mount", "umount", "readlink", "[", "expr", "id", "tee"]
FILES = {"etc/passwd": "root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n",
         "etc/group": "root:x:0:\ndev:x:1000:\n",
         "etc/profile": "PATH=${PATH:-/bin}\nexport FROM_PROFILE=yes\n",
         "etc/environment": "",
         "etc/os-release": "ID=small\nVERSION_ID=1\n",
         # A git that knows `clone --depth 1 [--] SOURCE TARGET` and no network.
         "usr/bin/git": "#!/bin/sh\n[ \"$1\" = clone ] || exit 1\nshift 3\n[ \"$1\" != -- ] || shift\ncp -r \"$1\" \"$2\"\n",
         "home/dev/.profile": "export FROM_HOME=yes\n"}


def make_root(file):
    """A root file system as tar: one static busybox, root and dev (1000)."""
    with tarfile.open(file, "w") as tar:
        def entry(name, mode, kind=tarfile.DIRTYPE, owner=0, **more):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.uid, info.gid = kind, mode, owner, owner
            for key, value in more.items():
                setattr(info, key, value)
            return info
        for folder in ("bin", "etc", "root", "home", "run", "usr", "usr/bin", "workspaces", "var", "opt"):
            tar.addfile(entry(folder, 0o755))
        tar.addfile(entry("tmp", 0o1777))
        tar.addfile(entry("home/dev", 0o755, owner=1000))
        with open("/bin/busybox", "rb") as busybox:
            tar.addfile(entry("bin/busybox", 0o755, tarfile.REGTYPE, size=os.path.getsize("/bin/busybox")), busybox)
        for name in sorted(set(APPLETS)):
            tar.addfile(entry(f"bin/{name}", 0o777, tarfile.SYMTYPE, linkname="busybox"))
        for path, text in FILES.items():
            data = text.encode()
            mode = 0o755 if path.startswith("usr/bin") else 0o644
            tar.addfile(entry(path, mode, tarfile.REGTYPE, 1000 if path.startswith("home") else 0, size=len(data)), io.BytesIO(data))


class Outcome:
    """What a command did: `seen` is what both programs must agree on."""

    def __init__(self, done):
        self.status, self.out, self.story = done.returncode, done.stdout, done.stderr

    @property
    def answer(self):
        return json.loads(self.out) if self.out.startswith('{"outcome"') else None

    @property
    def seen(self):
        """Exit status, the keys of the answer, and of its values those that are no ids and no words for people."""
        answer = self.answer
        if not isinstance(answer, dict):
            return (self.status, self.out)
        told = {key: answer[key] for key in ("outcome", "remoteUser", "remoteWorkspaceFolder", "result") if key in answer}
        return (self.status, list(answer), told)


class Box:
    """One program and the folder that it works on: a fresh `web` below `base`."""

    def __init__(self, side, base):
        self.side, self.base, self.web = side, base, f"{base}/web"
        self.ours = side.ours
        self.before = frozenset()  # containers that were there before it
        shutil.rmtree(base, ignore_errors=True)
        os.makedirs(f"{self.web}/.devcontainer")
        os.makedirs(f"{base}/temporary")
        self.environment = {**side.environment, "TMPDIR": f"{base}/temporary"}

    def config(self, path=".devcontainer/devcontainer.json", **said):
        said.setdefault("image", "conformance/up")
        said.setdefault("runArgs", ["--network=none"])
        self.write(path, json.dumps({name: value for name, value in said.items() if value is not None}))

    def write(self, path, text, mode=0o644):
        place = os.path.join(self.web, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(place, mode)

    def read(self, path):
        place = os.path.join(self.web, path)
        if not os.path.exists(place):
            return None
        with open(place, encoding="utf-8") as file:
            return file.read()

    def of(self, side):
        """The same folder in the hands of the other program."""
        return Box(side, f"{self.base}/other")

    def run(self, *words, given=None, env=None, cwd=None):
        done = subprocess.run([self.side.program, *words], env={**self.environment, **(env or {})}, cwd=cwd or self.web,
                              input=given, stdin=None if given is not None else subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False)
        return Outcome(done)

    def begin(self, *words):
        return subprocess.Popen([self.side.program, *words], env=self.environment, cwd=self.web, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def up(self, *words, folder=None, **more):
        return self.run("up", "--workspace-folder", folder or self.web, *words, **more)

    def exec(self, *words, before=(), folder=None, **more):
        return self.run("exec", "--workspace-folder", folder or self.web, *before, *words, **more)

    def commands(self, *words, **more):
        return self.run("run-user-commands", "--workspace-folder", self.web, *words, **more)

    def inside(self, script, before=()):
        """Exit status and output of a script in the container."""
        done = self.exec("sh", "-c", script, before=before)
        return done.status, done.out

    def stop(self, container):
        self.side.stop(container)

    def containers(self):
        """Those that have come since."""
        return [one for one in self.side.containers() if one not in self.before]

    def temporary(self):
        return os.listdir(f"{self.base}/temporary")


class Reference:
    ours = False
    program = "devcontainer"

    def __init__(self, environment):
        self.environment = environment

    def _docker(self, *words):
        done = subprocess.run(["docker", *words], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"docker {' '.join(words)}: {done.stderr}")
        return done.stdout

    def stop(self, container):
        self._docker("stop", "-t", "0", container)

    def end(self, containers):
        if containers:
            self._docker("rm", "-f", *containers)

    def containers(self):
        return self._docker("ps", "-qa", "--no-trunc").split()


class Ours:
    ours = True

    def __init__(self, program, environment, folder):
        self.program = program
        self.devenv = os.path.join(os.path.dirname(program), "devenv")
        os.makedirs(folder, exist_ok=True)
        self.environment = {name: value for name, value in environment.items() if name != "DOCKER_HOST"}
        self.environment.update(HOME=folder, DEVENV_HOME=f"{folder}/home")

    def run(self, *words):
        done = subprocess.run([self.devenv, *words], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"devenv {' '.join(words)}: {done.stderr}")
        return done.stdout

    def stop(self, container):
        self.run("stop", next(one["name"] for one in json.loads(self.run("ls", "--json")) if one["id"] == container))

    def containers(self):
        return [one["name"] for one in json.loads(self.run("ls", "--json"))]

    def end(self, names):
        for name in names:
            self.run("rm", "--yes", name)

    def shut_down(self):
        subprocess.run([self.devenv, "shutdown", "--all"], env=self.environment, capture_output=True, check=False)
