"""A shelf of packages: in a registry and behind an address."""

import http.server
import os
import re
import ssl
import subprocess

from package import Package, digest
from registry import Registry
from served import Served


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


class Archives(Served):
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

        super().__init__(Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)

    def serve(self, path, data):
        """Bytes, or the address that it leads to."""
        self.files["/" + path] = data
