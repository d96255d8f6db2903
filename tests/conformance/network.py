"""Registries that are odd: away, slow, behind a login, sending on, lying, without an end; and how often they are asked.
Each is a server of the test; both programs are run where the reference ends at all."""

import http.server
import io
import json
import os
import subprocess
import tarfile
import time

from package import Package, ask, digest, tar
from registry import Registry, free_port
from served import Served

FEATURE = {"id": "f", "version": "1.0.0"}


class Odd(Served):
    """An HTTP server whose answers are given: by path, a function of the handler."""

    def __init__(self, answers):
        odd = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                odd.asked.append((self.path, self.headers.get("Authorization")))
                answer = answers.get(self.path.partition("?")[0])
                if answer:
                    answer(self)
                else:
                    send(self, 404, b"{}")

            do_HEAD = do_POST = do_PUT = do_GET

            def log_message(self, *_):
                pass

        super().__init__(Handler)


def send(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        try:
            handler.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"{" * 65536)
    except (BrokenPipeError, ConnectionResetError):
        pass


def package(name="n/f", said=None, **more):
    return Package({"name": name, "said": json.dumps(said or FEATURE), **more}, lambda text: text)


def served(one, manifest=None, layer=None, **headers):
    """The answers of a registry that has that package alone."""
    blob = json.loads(one.manifest)["layers"][0]["digest"]
    return {f"/v2/{one.name}/manifests/latest": lambda handler: send(handler, 200, manifest or one.manifest, **headers),
            f"/v2/{one.name}/blobs/{blob}": lambda handler: send(handler, 200, layer or one.layer)}


class Bench:
    """Both programs on one configuration."""

    def __init__(self, program, environment, base):
        self.programs, self.environment = {"reference": "devcontainer", "ours": program}, environment
        self.folder = os.path.join(base, "network")
        os.makedirs(f"{self.folder}/.devcontainer")

    def run(self, who, features, *words, **variables):
        with open(f"{self.folder}/.devcontainer/devcontainer.json", "w", encoding="utf-8") as file:
            json.dump({"image": "conformance/plain", "features": features}, file)
        command = [self.programs[who], "read-configuration", "--include-features-configuration", *words]
        done = subprocess.run(command, cwd=self.folder, env={**self.environment, **variables}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        answer = json.loads(done.stdout) if done.stdout else None
        if answer:
            del answer["featuresConfiguration"]["dstFolder"]
            for one in answer["featuresConfiguration"]["featureSets"]:
                del one["features"][0]["cachePath"]
        return done.returncode, answer, done.stderr

    def both(self, what, features, *words, expected=0, **variables):
        """Faults: another status or another answer than the reference's."""
        theirs = self.run("reference", features, *words, **variables)
        mine = self.run("ours", features, *words, **variables)
        if theirs[0] != expected:
            yield f"{what}: status {theirs[0]} of the reference, which was not expected: {theirs[2][-500:]}"
        if theirs[:2] != mine[:2]:
            yield f"{what}: the reference {theirs[:2]}\n    ours {mine[:2]} {mine[2]}"

    def refused(self, what, features, why):
        """Ours ends soon, with a line that says why."""
        begin = time.monotonic()
        status, answer, story = self.run("ours", features)
        if status != 1 or answer or why not in story:
            yield f"{what}: status {status}, {story[-500:]}"
        if time.monotonic() - begin > 20:
            yield f"{what}: it took {time.monotonic() - begin:.0f} s"


def check_away(bench):
    yield from bench.both("away", {f"localhost:{free_port()}/n/f": {}}, expected=1)
    yield from bench.refused("away", {f"localhost:{free_port()}/n/f": {}}, "does not answer")


def check_slow(bench):
    one = package()
    answers = served(one)
    quick = dict(answers)
    for path in answers:
        answers[path] = lambda handler, path=path: (time.sleep(1), quick[path](handler))
    with Odd(answers) as slow:
        yield from bench.both("slow", {f"{slow.host}/n/f": {}})


def check_redirects(bench):
    one = package()
    with Odd(served(one)) as there:
        answers = {path: lambda handler: send(handler, 307, Location=f"http://{there.host}{handler.path}") for path in served(one)}
        with Odd(answers) as here:
            yield from bench.both("sent on", {f"{here.host}/n/f": {}})
    with Odd({"/v2/n/m/f/manifests/latest": lambda handler: send(handler, 302, Location=handler.path)}) as round_and_round:
        yield from bench.both("sent on for ever", {f"{round_and_round.host}/n/m/f": {}}, expected=1)


def check_statuses(bench):
    for status in (403, 404, 429, 500, 503):
        with Odd({"/v2/n/m/f/manifests/latest": lambda handler, status=status: send(handler, status, b"no")}) as odd:
            yield from bench.both(f"status {status}", {f"{odd.host}/n/m/f": {}}, expected=1)


def check_lies(bench):
    one = package()
    other = package(said={"id": "g"})
    with Odd(served(one, layer=other.layer)) as odd:
        yield from bench.both("another layer than its digest says", {f"{odd.host}/n/f": {}}, expected=1)
        yield from bench.refused("another layer than its digest says", {f"{odd.host}/n/f": {}}, "other bytes")
    named = digest(one.manifest)
    with Odd({f"/v2/n/f/manifests/{named}": lambda handler: send(handler, 200, other.manifest)}) as odd:
        yield from bench.both("another manifest than its digest says", {f"{odd.host}/n/f@{named}": {}}, expected=1)
        yield from bench.refused("another manifest than its digest says", {f"{odd.host}/n/f@{named}": {}}, "other bytes")
    # What the header says is believed by the reference; ours is the sum of the bytes.
    with Odd(served(one, Docker_Content_Digest="sha256:" + "0" * 64)) as odd:
        for who, wanted in (("reference", "sha256:" + "0" * 64), ("ours", named)):
            status, answer, story = bench.run(who, {f"{odd.host}/n/f": {}})
            if not answer:
                yield f"a digest in the header, {who}: status {status}, {story[-800:]}"
            elif (said := answer["featuresConfiguration"]["featureSets"][0]["sourceInformation"]["manifestDigest"]) != wanted:
                yield f"a digest in the header, {who}: {said}"
    for body in (b"", b"no JSON", b"null", b"[]", b"{}", b'{"config":{}}', b'{"config":{"mediaType":"application/vnd.devcontainers"}}'):
        with Odd(served(package("n/m/f"), manifest=body or b" ")) as odd:
            yield from bench.both(f"a manifest of {body}", {f"{odd.host}/n/m/f": {}}, expected=1)


def check_endless(bench):
    one = package()
    blob = json.loads(one.manifest)["layers"][0]["digest"]
    with Odd({**served(one), "/v2/n/f/manifests/latest": endless}) as odd:
        yield from bench.refused("a manifest without an end", {f"{odd.host}/n/f": {}}, "larger than")
    with Odd({**served(one), f"/v2/n/f/blobs/{blob}": endless}) as odd:
        yield from bench.refused("a package without an end", {f"{odd.host}/n/f": {}}, "larger than")


def archive_with(**entry):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        document = tarfile.TarInfo("./devcontainer-feature.json")
        document.size = len(json.dumps(FEATURE))
        archive.addfile(document, io.BytesIO(json.dumps(FEATURE).encode()))
        odd = tarfile.TarInfo(entry.pop("name", "./x"))
        content = entry.pop("content", b"")
        for name, value in entry.items():
            setattr(odd, name, value)
        odd.size = len(content)
        archive.addfile(odd, io.BytesIO(content))
    return out.getvalue()


def check_archives(bench):
    bomb = io.BytesIO()
    with tarfile.open(fileobj=bomb, mode="w:gz", compresslevel=1) as archive:
        large = tarfile.TarInfo("./zeros")
        large.size = 300 << 20
        with open("/dev/zero", "rb") as zeros:
            archive.addfile(large, zeros)
    many = tar({f"f{number}": "" for number in range(20001)}, True)
    cases = [("..", archive_with(name="../x"), "leads out of its folder"), ("a/../../x", archive_with(name="a/../../x"), "leads out of its folder"),
             ("an absolute name", archive_with(name="/etc/x"), "has the absolute name"),
             ("a link outside", archive_with(type=tarfile.SYMTYPE, linkname="../../etc/passwd"), "out of its folder"),
             ("an absolute link", archive_with(type=tarfile.SYMTYPE, linkname="/etc/passwd"), "out of its folder"),
             ("a hard link to nothing", archive_with(type=tarfile.LNKTYPE, linkname="../x"), "no file before it"),
             ("a device", archive_with(type=tarfile.CHRTYPE), "holds a device"),
             ("a pipe", archive_with(type=tarfile.FIFOTYPE), "holds a FIFO"),
             ("a bomb", bomb.getvalue(), "more than"), ("too many entries", many, "more than 20000 entries"),
             ("no archive", b"no archive at all, and long enough for nobody to take it for one" * 20, "cannot be read"),
             ("half of one", package().layer[:700], "cannot be read")]
    for what, layer, why in cases:
        one = package()
        manifest = json.loads(one.manifest)
        manifest["layers"][0]["digest"] = digest(layer)
        one.manifest, one.layer = json.dumps(manifest).encode(), layer
        with Odd(served(one)) as odd:
            yield from bench.refused(f"an archive with {what}", {f"{odd.host}/n/f": {}}, why)


def with_token(one, realm, token="t0ken"):
    """A registry that gives its package for a token of `realm` alone."""
    plain = served(one)

    def guarded(path):
        def answer(handler):
            if handler.headers.get("Authorization") == f"Bearer {token}":
                plain[path](handler)
            else:
                send(handler, 401, b"{}", WWW_Authenticate=f'Bearer realm="{realm(handler)}",service="s",scope="repository:{one.name}:pull"')
        return answer

    return {path: guarded(path) for path in plain}


def give_token(handler):
    send(handler, 200, b'{"token":"t0ken"}')


def check_tokens(bench):
    one = package()
    own = {**with_token(one, lambda handler: f"http://{handler.headers['Host']}/token"), "/token": give_token}
    with Odd(own) as odd:
        yield from bench.both("a token of its own", {f"{odd.host}/n/f": {}})
        yield from bench.both("a token of its own, hardened", {f"{odd.host}/n/f": {}}, "--oci-auth-hardening")
    with Odd({"/token": give_token}) as tokens:
        with Odd(with_token(one, lambda _: f"http://{tokens.host}/token")) as odd:
            yield from bench.both("a token of another host", {f"{odd.host}/n/f": {}})
            yield from bench.both("a token of another host, hardened", {f"{odd.host}/n/f": {}}, "--oci-auth-hardening", expected=1)
    moved = {"/token": lambda handler: send(handler, 307, Location="/token2"), "/token2": give_token,
             **with_token(one, lambda handler: f"http://{handler.headers['Host']}/token")}
    with Odd(moved) as odd:
        yield from bench.both("a token that is sent on", {f"{odd.host}/n/f": {}})
        yield from bench.both("a token that is sent on, hardened", {f"{odd.host}/n/f": {}}, "--oci-auth-hardening", expected=1)
    yield from bench.both("a host that is none", {"./f": {}}, "--allow-cross-origin-auth-host", "nonsense", expected=1)


def check_login(bench, base):
    """Debian's registry with a login, and each way to have one."""
    login = ("ada", "secret")
    with Registry(f"{base}/closed", login) as registry:
        header = {"Authorization": "Basic YWRhOnNlY3JldA=="}
        one = package("n/f")
        for data in (b"{}", one.layer):
            place = ask(registry, "POST", f"/v2/{one.name}/blobs/uploads/", None, header, 202).getheader("Location")
            ask(registry, "PUT", f"{place[place.index('/v2/'):]}&digest={digest(data)}", data, header, 201)
        ask(registry, "PUT", "/v2/n/f/manifests/latest", one.manifest,
            {**header, "Content-Type": "application/vnd.oci.image.manifest.v1+json"}, 201)
        features = {f"{registry.host}/n/f": {}}
        yield from bench.both("no login", features, expected=1)
        yield from bench.both("a login in a variable", features, DEVCONTAINERS_OCI_AUTH=f"other|a|b,{registry.host}|ada|secret")
        yield from bench.both("a wrong login", features, expected=1, DEVCONTAINERS_OCI_AUTH=f"{registry.host}|ada|wrong")
        folder = f"{base}/docker-config"
        os.makedirs(folder)
        with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
            json.dump({"auths": {registry.host: {"auth": "YWRhOnNlY3JldA=="}}}, file)
        yield from bench.both("Docker's login", features, DOCKER_CONFIG=folder)
        helper = f"{folder}/docker-credential-test"
        with open(helper, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nread host\n[ "$1" = get ] && echo \'{"Username":"ada","Secret":"secret"}\'\n')
        os.chmod(helper, 0o755)
        for name, said in (("credsStore", "test"), ("credHelpers", {registry.host: "test"})):
            with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
                json.dump({name: said}, file)
            path = f"{folder}:{bench.environment['PATH']}"
            yield from bench.both(f"a login of {name}", features, DOCKER_CONFIG=folder, PATH=path)


def check_requests(bench, base):
    """Five features, four of which come after the fifth: how often each program asks."""
    with Registry(f"{base}/counted") as registry:
        for number in range(5):
            package(f"n/f{number}", {"id": f"f{number}", "version": "1.0.0",
                                     "installsAfter": [f"{registry.host}/n/f0"] if number else []}).push(registry)
        features = {f"{registry.host}/n/f{number}": {} for number in range(5)}
        counts = {}
        for who in bench.programs:
            before = len(registry.requests())
            bench.run(who, features)
            counts[who] = len(registry.requests()) - before
        if counts != {"reference": 14, "ours": 10}:
            yield f"requests for five features: {counts}, and ours should be 10, the reference's 14"


def check(program, environment, base):
    bench = Bench(program, environment, base)
    for part in (check_away, check_slow, check_redirects, check_statuses, check_lies, check_endless, check_archives, check_tokens):
        yield from part(bench)
    yield from check_login(bench, base)
    yield from check_requests(bench, base)
