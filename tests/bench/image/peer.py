"""The peer: Debian with the packages that ours were made of, or are another build of, as packages/imports names them."""

import glob
import os
import re
import subprocess
import tomllib

from bench import say

# What rpm is made of: Debian has dpkg and apt for that, which every root has.
PACKAGE_MANAGER = re.compile("rpm.*|debugedit|elfutils-libs|file-libs|fsverity-utils-libs|lua-libs")
HERE = os.path.dirname(os.path.abspath(__file__))


def counterparts(about):
    """Debian's names of what an image holds, and our names that have none there."""
    debian = {}
    for file in glob.glob(os.path.join(HERE, "../../../packages/imports/*.toml")):
        with open(file, "rb") as opened:
            for name, line in tomllib.load(opened).items():
                if isinstance(line, dict) and "deb" in line:
                    debian[name] = [line["deb"]] if isinstance(line["deb"], str) else line["deb"]
    names = [package["name"] for package in about["packages"] if not PACKAGE_MANAGER.fullmatch(package["name"])]
    return (sorted({deb for name in names for deb in debian.get(name, [])}), [name for name in names if name not in debian])


def debian_root(about, rpm, size):
    """The folder with root.ext4, vmlinuz, initrd.img and papers of Debian with the software of NAME.json."""
    packages, own = counterparts(about)
    say(f"image: in Debian, {len(packages)} of {about['name']}'s {about['total']} packages; not there: {' '.join(own)}")
    done = subprocess.run([f"{HERE}/debian", about["name"], size, rpm or "-", *packages], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit("bench image: Debian's root could not be made")
    return done.stdout.strip()
