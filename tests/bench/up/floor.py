"""What cannot be undercut: the runtime alone, on a root file system of one static program."""

import json
import os
import shutil
import subprocess

from bench import milliseconds, run

# crun refuses hybrid cgroups: it gets a mount namespace that shows version 1 alone, as the daemon gives it.
PRIVATE = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-ec",
           "umount -l /sys/fs/cgroup/unified 2>/dev/null || true; exec \"$@\"", "sh"]
# A clock without a process: the shell's own.
MEASURE = r"""
a=${EPOCHREALTIME/./}; $R create --bundle "$B" floor >/dev/null 2>&1 </dev/null; $R start floor
b=${EPOCHREALTIME/./}; $R exec floor /bin/busybox true
c=${EPOCHREALTIME/./}; /bin/true
d=${EPOCHREALTIME/./}; $R delete --force floor
echo $((b - a)) $((c - b)) $((d - c))
"""


class Floor:
    def __init__(self, folder):
        self.folder = f"{folder}/floor"

    def __enter__(self):
        for name in ("bin", "dev", "proc"):
            os.makedirs(f"{self.folder}/rootfs/{name}")
        shutil.copy("/bin/busybox", f"{self.folder}/rootfs/bin/busybox")
        for name in ("crun", "runc"):
            if shutil.which(name) and self._works(name):
                return self
        raise SystemExit("bench up: neither crun nor runc runs here")

    def __exit__(self, *_):
        pass

    def _works(self, runtime):
        self.runtime = runtime
        spec = f"{self.folder}/config.json"
        if os.path.exists(spec):
            os.unlink(spec)
        run(runtime, "spec", cwd=self.folder)
        with open(spec, encoding="utf-8") as file:
            settings = json.load(file)
        settings["process"].update(terminal=False, args=["/bin/busybox", "sleep", "1000"])
        settings["process"].pop("rlimits", None)
        settings["mounts"] = [mount for mount in settings["mounts"] if mount["destination"] == "/proc"]
        settings["linux"].pop("resources", None)
        with open(spec, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        return self._measure() is not None

    def _measure(self):
        state = f"{self.folder}/state"
        done = subprocess.run(PRIVATE + ["bash", "-ec", MEASURE], capture_output=True, text=True, check=False,
                              env={**os.environ, "B": self.folder, "R": f"{self.runtime} --root {state}"})
        return [int(word) / 1e3 for word in done.stdout.split()] if done.returncode == 0 else None

    def create_and_start(self):
        return dict(zip(("floor", "floor_exec", "floor_process"), self._measure()))
