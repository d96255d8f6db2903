"""A machine that QEMU emulates, set up as `imager run` does it where QEMU is a newer one, and what it says as it says it. Ours and
the peer's differ in disk, kernel and initramfs alone."""

import base64
import functools
import os
import re
import select
import subprocess
import time
from typing import NamedTuple

from bench import say

COMMAND_LINE = "root=/dev/vda rootfstype=ext4 rw quiet panic=1 console=tty0 console=ttyS0"
MEMORY = 1024  # MiB
SETTLED = 20  # seconds after the boot's end

# Handed over as a systemd credential, so that neither disk has a file that the other lacks. Its own serial line: what the
# console shows is not mixed with it.
UNIT = """[Unit]
Description=Says when devenvd answers
DefaultDependencies=no
Requires=devenvd.socket
After=devenvd.socket
[Service]
Environment=HOME=/root
ExecStart=/bin/sh -c 'devenv ls --json >/dev/null 2>/dev/ttyS1 && echo answered >/dev/ttyS1; \\
  echo "state $$(systemctl is-system-running --wait)" >/dev/ttyS1; {then}'
"""
MEASURE = f"sleep {SETTLED}; cat /proc/meminfo >/dev/ttyS1; echo measured >/dev/ttyS1"
POWER_OFF = "systemctl poweroff"


class Panicked(Exception):
    """The kernel of a machine has given up."""


class Taken(NamedTuple):
    """Milliseconds as a person waits for them, and of processors, which a busy machine changes little."""
    wall: float
    processor: float


class Side:
    """What boots: a name for the words on the screen, a disk, a kernel, an initramfs where there is one."""

    def __init__(self, name, disk, kernel, initrd=None):
        self.name, self.disk, self.kernel, self.initrd = name, disk, kernel, initrd


class Machine:
    """Runs from `with` to its end. `watched` is the serial line that `until` reads, the other one goes to a file."""

    def __init__(self, side, folder, watched="probe", then=MEASURE, keeps=False):
        self.side, self.folder, self.said = side, folder, ""
        console, probe = ("stdio", "null") if watched == "console" else (f"file,path={folder}/console.log", "stdio")
        # systemd's first line is wanted; else nothing of what it does is shown.
        words = COMMAND_LINE + (" systemd.show_status=1" if watched == "console" else " systemd.wants=photon-bench.service")
        self.argv = [
            "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-name", "photon-bench", "-machine", "q35", "-cpu", "max",
            "-accel", "tcg,thread=multi", "-smp", "2", "-m", str(MEMORY), "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-chardev", f"{console},id=console", "-serial", "chardev:console",
            "-chardev", f"{probe},id=probe", "-serial", "chardev:probe", "-device", "virtio-rng-pci",
            "-drive", f"if=none,id=disk,format=raw,file={side.disk},snapshot={'off' if keeps else 'on'},discard=unmap",
            "-device", "virtio-blk-pci,drive=disk", "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net",
            "-kernel", side.kernel, "-append", words, *(["-initrd", side.initrd] if side.initrd else [])]
        if watched == "probe":
            unit = base64.b64encode(UNIT.format(then=then).encode()).decode()
            with open(f"{folder}/credential", "w", encoding="ascii") as file:
                file.write("io.systemd.credential.binary:systemd.extra-unit.photon-bench.service=" + unit)
            self.argv += ["-smbios", f"type=11,path={folder}/credential"]

    def __enter__(self):
        self.begin = time.monotonic()
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def until(self, pattern, limit=600):
        """What it has taken from QEMU's start until its line has said this, and what matched."""
        end = time.monotonic() + limit
        while not (found := re.search(pattern, self.said)):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.fail(f"within {limit} s it did not say “{pattern}”")
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                self.fail(f"QEMU ended before “{pattern}” was said")
            self.said += piece.decode(errors="replace").replace("\r", "")
        return Taken((time.monotonic() - self.begin) * 1000, self.processor_time()), found

    def processor_time(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            after_name = file.read().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def fail(self, words):
        tail = self.said
        if os.path.exists(f"{self.folder}/console.log"):
            with open(f"{self.folder}/console.log", errors="replace", encoding="utf-8") as file:
                tail += "\nconsole:\n" + file.read()
        words = f"bench image: {self.side.name}: {words}; the last that it said:\n{tail[-3000:]}"
        raise Panicked(words) if "Kernel panic" in tail else SystemExit(words)


def again_after_panic(measure):
    """Emulated by a QEMU before 8.1 with a thread for each processor, one of them runs into code that the other one has patched,
    and about one start in ten panics by it, of either kernel: that start tells nothing. One thread would hide what two
    processors are good for."""
    @functools.wraps(measure)
    def measured(side, folder):
        for left in (2, 1, 0):
            try:
                return measure(side, folder)
            except Panicked as panic:
                if not left:
                    raise SystemExit(str(panic)) from panic
                say(f"image: {side.name}: its kernel has panicked; it is started again")
        return None
    return measured


@again_after_panic
def until_init(side, folder):
    """systemd's first line on the console, after which nothing is waited for."""
    with Machine(side, folder, watched="console") as machine:
        return machine.until("Welcome to ")[0]


def until_answer(machine):
    taken, _ = machine.until("answered")
    _, state = machine.until(r"state (\S+)\n")
    # A side with a broken service would be measured doing less.
    if state.group(1) != "running":
        machine.fail(f"the boot ended as “{state.group(1)}”")
    return taken


@again_after_panic
def answer_and_memory(side, folder):
    """Taken until devenvd has answered; MB in use when all has settled; the same with what the kernel keeps."""
    with Machine(side, folder) as machine:
        taken = until_answer(machine)
        machine.until("measured")
        free = {name: int(kilobytes) for name, kilobytes in re.findall(r"(Mem\w+): +(\d+) kB", machine.said)}
    return (taken, (free["MemTotal"] - free["MemAvailable"]) * 1.024e-3,
            (MEMORY * 1024 - free["MemAvailable"]) * 1.024e-3)


def first_start(side, folder):
    """The very first start of a disk, which stays as that leaves it: taken until devenvd has answered."""
    with Machine(side, folder, then=POWER_OFF, keeps=True) as machine:
        taken = until_answer(machine)
        machine.process.wait(timeout=300)
    return taken
