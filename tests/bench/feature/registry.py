"""Debian's docker-registry on loopback, with features in it, and how often it was asked."""

import hashlib
import io
import json
import os
import socket
import subprocess
import tarfile
import time
import urllib.request


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # The reference speaks plain HTTP to localhost alone.
        self.host = f"localhost:{self.port}"

    def __enter__(self):
        with open(f"{self.folder}/config.yml", "w", encoding="utf-8") as file:
            file.write(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {self.folder}/data}}}}\n"
                       f"http: {{addr: 'localhost:{self.port}'}}\n")
        self.log = f"{self.folder}/log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.server = subprocess.Popen(["docker-registry", "serve", f"{self.folder}/config.yml"], stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self._ask("GET", f"http://{self.host}/v2/")
                return self
            except OSError:
                time.sleep(0.05)
        self.server.kill()
        raise SystemExit("docker-registry does not come up")

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(timeout=10)

    @staticmethod
    def _ask(method, address, data=None, kind="application/octet-stream"):
        request = urllib.request.Request(address, data=data, method=method, headers={"Content-Type": kind})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            return answer.headers

    def _blob(self, repository, data):
        place = self._ask("POST", f"http://{self.host}/v2/{repository}/blobs/uploads/", b"")["Location"]
        self._ask("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest(data)}", data)
        return {"digest": digest(data), "size": len(data)}

    def publish(self, repository, tag, name, install):
        metadata = {"id": name, "version": "1.0.0", "name": name, "options": {"size": {"type": "string", "default": "large"}}}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path, text, mode in (("./devcontainer-feature.json", json.dumps(metadata), 0o644),
                                     ("./install.sh", f"#!/bin/sh\nset -e\n{install}\n", 0o755)):
                info = tarfile.TarInfo(path)
                info.size, info.mode = len(text), mode
                archive.addfile(info, io.BytesIO(text.encode()))
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": kind,
                    "config": {"mediaType": "application/vnd.devcontainers", **self._blob(repository, b"{}")},
                    "layers": [{"mediaType": "application/vnd.devcontainers.layer.v1+tar",
                                **self._blob(repository, packed.getvalue()),
                                "annotations": {"org.opencontainers.image.title": f"devcontainer-feature-{name}.tgz"}}],
                    "annotations": {"dev.containers.metadata": json.dumps(metadata),
                                    "com.github.package.type": "devcontainer_feature"}}
        self._ask("PUT", f"http://{self.host}/v2/{repository}/manifests/{tag}", json.dumps(manifest).encode(), kind)

    def requests(self):
        """Those of its access log so far."""
        with open(self.log, encoding="utf-8") as log:
            return log.read().count(" /v2/")
