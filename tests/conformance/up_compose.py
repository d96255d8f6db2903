"""up of compose files, where both are alike: the reference asks Debian's docker-compose. Neither has a network here."""

from up_case import ALL, case, log

HEAD = "version: '3.8'\nservices:\n"
SLEEP = "sleep 3600"


def project(box, services, path=".devcontainer/compose.yml", **said):
    """`services`: lines below "services:"; each one without a network."""
    box.write(path, HEAD + services.replace("IMAGE", "image: conformance/up, network_mode: none"))
    said = {"image": None, "runArgs": None, "dockerComposeFile": "compose.yml", "service": "app", "workspaceFolder": "/work", **said}
    box.config(**said)


def works(done):
    """Both must, else a case would agree on its own mistakes."""
    if done.status != 0:
        raise AssertionError(f"{done.out} {done.story[-500:]}")
    return done


def name_of(done):
    return (done.answer or {}).get("composeProjectName")


@case
def compose_hooks_and_folders(box):
    project(box, f"  app: {{IMAGE, command: {SLEEP}, volumes: ['..:/work:cached']}}\n", **log(*ALL), remoteEnv={"A": "${containerEnv:OF_ENV}"})
    done = works(box.up())
    yield done.seen, name_of(done)
    yield box.read("log")
    yield box.inside("pwd; id -un; echo $A")
    again = works(box.up())
    yield again.seen, name_of(again), box.read("log")


@case
def compose_service_as_it_is_written(box):
    project(box, "  app:\n    IMAGE\n".replace("IMAGE", "image: conformance/up\n    network_mode: none")
            + f"    command: {SLEEP}\n    user: dev\n    working_dir: /opt\n    hostname: called\n    environment:\n      - ONE=1\n      - TWO=of $${{x}}\n"
            "    tmpfs: /scratch\n    volumes: ['..:/work', 'data:/data']\n    labels: {a: b}\nvolumes: {data: {}}\n",
            postCreateCommand="id -un > /work/../tmp/who")
    yield works(box.up()).seen
    yield box.inside("cat /tmp/who; hostname 2>/dev/null || cat /etc/hostname; echo $ONE $TWO; stat -c %F /scratch /data")


@case
def compose_beside(box):
    project(box, f"  app: {{IMAGE, command: {SLEEP}, volumes: ['..:/work', 'shared:/shared'], depends_on: [db]}}\n"
            "  db: {IMAGE, command: sh -c 'echo of db > /shared/db; sleep 3600', volumes: ['shared:/shared']}\n"
            f"  other: {{IMAGE, command: sh -c 'echo other > /shared/other; sleep 3600', volumes: ['shared:/shared']}}\nvolumes: {{shared: {{}}}}\n",
            runServices=["db"], postCreateCommand="n=0; while [ ! -e /shared/db ] && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; ls /shared > log")
    yield works(box.up()).seen
    yield box.read("log")


@case
def compose_override_command(box):
    project(box, "  app: {IMAGE, command: 'true', volumes: ['..:/work']}\n", overrideCommand=True)
    yield works(box.up()).seen
    yield box.inside("echo runs")


@case
def compose_variables_and_two_files(box):
    box.write(".devcontainer/.env", "WORD=of-file\nFROM_FILE=conformance/up\n")
    box.write(".devcontainer/more.yml", HEAD + "  app: {environment: {MORE: '${GIVEN:-default}'}}\n")
    project(box, f"  app: {{image: '$FROM_FILE', network_mode: none, command: {SLEEP}, environment: {{WORD: \"$WORD\", NONE: '${{NONE-}}'}}, volumes: ['..:/work']}}\n",
            dockerComposeFile=["compose.yml", "more.yml"])
    done = works(box.up(env={"GIVEN": "by caller"}))
    yield done.seen, name_of(done)
    yield box.inside("echo $WORD:$NONE:$MORE")


@case
def compose_label_of_the_image(box):
    project(box, f"  app: {{image: conformance/up-label, network_mode: none, command: {SLEEP}, volumes: ['..:/work']}}\n", **log("postCreateCommand"))
    yield works(box.up()).seen
    yield box.read("log"), box.inside("echo $OF_IMAGE")


@case
def compose_with_a_feature(box):
    box.write(".devcontainer/one/devcontainer-feature.json", '{"id": "one", "version": "1.0.0", "containerEnv": {"OF_FEATURE": "yes"}, "postCreateCommand": "echo feature >> log"}')
    box.write(".devcontainer/one/install.sh", "#!/bin/sh\nset -e\necho $GREETING > /one\n", 0o755)
    project(box, f"  app: {{image: '{box.side.registry}/up', network_mode: none, command: {SLEEP}, volumes: ['..:/work']}}\n", features={"./one": {"greeting": "moin"}},
            **log("postCreateCommand"))
    # Of compose 2: by dockerd itself, as `docker build` without a plugin does it.
    yield works(box.up(env={"DOCKER_BUILDKIT": "0"})).seen
    yield box.read("log"), box.inside("cat /one; echo $OF_FEATURE")


@case
def compose_that_fails(box):
    project(box, f"  app: {{IMAGE, command: {SLEEP}}}\n", service="none")
    yield box.up().status
    project(box, f"  app: {{IMAGE, command: {SLEEP}}}\n", dockerComposeFile="missing.yml")
    yield box.up().status
    box.write(".devcontainer/compose.yml", HEAD + "  app: [\n")
    box.config(image=None, runArgs=None, dockerComposeFile="compose.yml", service="app")
    yield box.up().status
    project(box, f"  app: {{IMAGE, command: {SLEEP}, volumes: ['..:/work']}}\n", postCreateCommand="exit 3")
    yield box.up().status
