"""Packages as somebody publishes them, in a registry and behind an address: with each thing that may be odd about them."""

import hashlib
import http.client
import http.server
import io
import json
import os
import re
import ssl
import subprocess
import tarfile
import threading

from registry import Registry

KNOWN = {"name", "tags", "said", "files", "annotated", "annotation", "media_type", "layer_digest", "compressed", "prefix"}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(files, compressed=False, prefix="./"):
    """`files` are texts by name."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if compressed else "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.size = len(text.encode())
            entry.mode = 0o755 if name.endswith(".sh") else 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


class Package:
    """`name` is NAMESPACE/ID, `said` its document. `@registry` and `@archives` in it are filled in."""

    def __init__(self, said, fill):
        unknown = set(said) - KNOWN
        if unknown:
            raise SystemExit(f"a package: no such key: {', '.join(sorted(unknown))}")
        self.name, self.tags, self.document = said["name"], said.get("tags", ["latest"]), fill(said.get("said", "{}"))
        files = {name: fill(text) for name, text in said.get("files", {}).items()}
        if not files:
            files = {"devcontainer-feature.json": self.document, "install.sh": "#!/bin/sh\n"}
        self.layer = tar(files, said.get("compressed", False), said.get("prefix", "./"))
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": said.get("media_type", "application/vnd.devcontainers"), "digest": digest(b"{}"), "size": 2},
                    "layers": [{"mediaType": "application/vnd.devcontainers.layer.v1+tar",
                                "digest": digest(self.layer), "size": len(self.layer),
                                "annotations": {"org.opencontainers.image.title": f"devcontainer-feature-{self.name.split('/')[-1]}.tgz"}}]}
        if said.get("annotated", True):
            manifest["annotations"] = {"dev.containers.metadata": fill(said.get("annotation", self.document))}
        self.manifest = json.dumps(manifest, separators=(",", ":")).encode()

    def push(self, registry):
        push_blob(registry, self.name, b"{}")
        push_blob(registry, self.name, self.layer)
        for tag in self.tags:
            ask(registry, "PUT", f"/v2/{self.name}/manifests/{tag}", self.manifest,
                {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}, 201)


def ask(registry, method, path, body, headers, expected):
    connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != expected:
        raise SystemExit(f"{method} {path}: {answer.status} {said.decode(errors='replace')}")
    return answer


def push_blob(registry, name, data):
    place = ask(registry, "POST", f"/v2/{name}/blobs/uploads/", None, {}, 202).getheader("Location")
    path = place[place.index("/v2/"):]
    ask(registry, "PUT", f"{path}&digest={digest(data)}", data, {"Content-Type": "application/octet-stream"}, 201)


class Shelf:
    """A registry and an archive server, with what the cases name."""

    def __init__(self, folder, packages, archives):
        os.makedirs(folder)
        self.registry, self.archives = Registry(f"{folder}/registry"), Archives(f"{folder}/archives")
        self.said, self.digests = (packages, archives), {}

    def fill(self, text):
        text = re.sub(r"@digest\(([^)]+)\)", lambda found: self.digests[found[1]], text)
        return text.replace("@registry", self.registry.host).replace("@archives", self.archives.host)

    def __enter__(self):
        self.registry.__enter__()
        self.archives.__enter__()
        packages, archives = self.said
        for one in packages:
            package = Package(one, self.fill)
            package.push(self.registry)
            self.digests.update({f"{package.name}:{tag}": digest(package.manifest) for tag in package.tags})
        for one in archives:
            path = one.pop("path")
            self.archives.serve(path, Package({"name": "n/none", **one}, self.fill).layer)
        return self

    def __exit__(self, *error):
        self.archives.__exit__(*error)
        self.registry.__exit__(*error)


class Archives:
    """An HTTPS server with an authority of its own; `serve` puts an archive on it."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        self.files, self.asked = {}, []
        archives = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                archives.asked.append(self.path)
                found = archives.files.get(self.path)
                if isinstance(found, str):
                    self.send_response(302)
                    self.send_header("Location", found)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Length", str(len(found or b"")))
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.host = f"localhost:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, path, data):
        """Bytes, or the address that it leads to."""
        self.files["/" + path] = data
