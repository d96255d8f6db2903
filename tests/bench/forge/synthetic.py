"""Repositories for the bench: one of metadata alone with file requires of both sorts, one of real packages."""

import gzip
import hashlib
import os
import random
import subprocess

GROUP = 40  # packages that need each other
COMMON, RPM = "http://linux.duke.edu/metadata/common", "http://linux.duke.edu/metadata/rpm"


def entry(name, version=None):
    return f'<rpm:entry name="{name}"' + (f' flags="EQ" epoch="0" ver="{version}" rel="1"/>' if version else "/>")


def package(number, chance):
    """(primary, filelists, other) of one package; it needs some of those after it in its group."""
    name, sha = f"p{number}", hashlib.sha256(b"p%d" % number).hexdigest()
    after = list(range(number + 1, number // GROUP * GROUP + GROUP))
    needs = [f"p{number + 1}"] if after else []
    # zypper knows no files outside of primary.xml: every second group requires none.
    sorts = ["cap{}", "/usr/bin/p{}"] + ([] if number // GROUP % 2 else ["/usr/share/p{}/data"])
    for other in chance.sample(after, min(3, len(after))):
        needs.append(chance.choice(sorts).format(other))
    needs += [f"lib{other}.so.1()(64bit)" for other in chance.sample(after, min(2, len(after)))]
    provides = [entry(name, "1"), entry(f"cap{number}"), entry(f"lib{number}.so.1()(64bit)"), entry(f"cap{number}(extra)", "2")]
    primary_files = [f"/usr/bin/p{number}", f"/etc/p{number}.conf"]
    others = [f"/usr/share/p{number}/data"] + [f"/usr/share/doc/p{number}/file{i}" for i in range(chance.randrange(10, 30))]
    primary = (
        f'<package type="rpm"><name>{name}</name><arch>noarch</arch><version epoch="0" ver="1" rel="1"/>'
        f'<checksum type="sha256" pkgid="YES">{sha}</checksum><summary>Package number {number}</summary>'
        f"<description>Package number {number} of a repository that is made for measuring.</description><packager/><url/>"
        f'<time file="1" build="1"/><size package="10000" installed="20000" archive="20000"/><location href="p/{name}-1-1.noarch.rpm"/>'
        f"<format><rpm:license>MIT</rpm:license><rpm:vendor/><rpm:group>Unspecified</rpm:group><rpm:buildhost>b</rpm:buildhost>"
        f'<rpm:sourcerpm>{name}-1-1.src.rpm</rpm:sourcerpm><rpm:header-range start="4504" end="6000"/>'
        f"<rpm:provides>{''.join(provides)}</rpm:provides><rpm:requires>{''.join(map(entry, needs))}</rpm:requires>"
        + "".join(f"<file>{f}</file>" for f in primary_files) + "</format></package>\n")
    head = f'<package pkgid="{sha}" name="{name}" arch="noarch"><version epoch="0" ver="1" rel="1"/>'
    return primary, head + "".join(f"<file>{f}</file>" for f in primary_files + others) + "</package>\n", head + "</package>\n"


def metadata(folder, count):
    """A repository of `count` packages that nobody can download."""
    chance = random.Random(7)
    os.makedirs(folder + "/repodata")
    parts = list(zip(*(package(number, chance) for number in range(count))))
    roots = {
        "primary": f'<metadata xmlns="{COMMON}" xmlns:rpm="{RPM}" packages="{count}">\n{{}}</metadata>',
        "filelists": f'<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="{count}">\n{{}}</filelists>',
        "other": f'<otherdata xmlns="http://linux.duke.edu/metadata/other" packages="{count}">\n{{}}</otherdata>',
    }
    data = ""
    for (kind, frame), bodies in zip(roots.items(), parts):
        plain = ('<?xml version="1.0" encoding="UTF-8"?>\n' + frame.format("".join(bodies))).encode()
        packed = gzip.compress(plain, 6, mtime=0)
        with open(f"{folder}/repodata/{kind}.xml.gz", "wb") as file:
            file.write(packed)
        data += (f'<data type="{kind}"><checksum type="sha256">{hashlib.sha256(packed).hexdigest()}</checksum>'
                 f'<open-checksum type="sha256">{hashlib.sha256(plain).hexdigest()}</open-checksum>'
                 f'<location href="repodata/{kind}.xml.gz"/><timestamp>1</timestamp><size>{len(packed)}</size>'
                 f"<open-size>{len(plain)}</open-size></data>")
    with open(folder + "/repodata/repomd.xml", "w") as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>{data}</repomd>')


def packages(folder, count, files):
    """`count` real packages of `files` files, made by rpmbuild, with createrepo_c's metadata."""
    spec = "Name: set\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\nBuildArch: noarch\n" + "".join(
        f"Requires: set-s{i}\n" for i in range(count)) + "%description\nd\n%files\n"
    install = "%install\n"
    for i in range(count):
        spec += f"%package s{i}\nSummary: s\n%description s{i}\nd\n%files s{i}\n/opt/s{i}\n"
        install += f"mkdir -p %{{buildroot}}/opt/s{i}; for n in $(seq {files}); do head -c 6000 /dev/urandom | base64 > %{{buildroot}}/opt/s{i}/$n; done\n"
    os.makedirs(folder)
    with open(folder + "/set.spec", "w") as file:
        file.write(spec + install)
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/build", "--define", f"_rpmdir {folder}",
                    "--define", "__os_install_post %{nil}", "--define", "_binary_payload w3.zstdio", folder + "/set.spec"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", folder + "/build"], check=True)
    subprocess.run(["createrepo_c", "--quiet", folder], check=True)
