"""set-up, where both are alike: commands of a container that runs, by its id."""

import json

from up_case import case, log


def to(path, *names):
    return {name: f"echo {name} >> {path}" for name in names}


ALL = ["onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"]


def made(box, *words, **said):
    """A container that runs, and its id."""
    box.config(**said)
    return box.up(*words).answer["containerId"]


def more(box, **said):
    box.write("../more.json", json.dumps(said))
    return "--config", f"{box.base}/more.json"


@case
def set_up_runs_what_has_not_run(box):
    container = made(box, "--skip-post-create", **to("/tmp/log", *ALL))
    yield box.run("set-up", "--container-id", container).seen
    yield box.inside("cat /tmp/log")
    yield box.run("set-up", "--container-id", container).seen
    yield box.inside("cat /tmp/log")


@case
def set_up_with_a_configuration(box):
    container = made(box, "--skip-post-create", **to("/tmp/log", "postCreateCommand", "postAttachCommand"))
    words = more(box, remoteEnv={"A": "more ${containerEnv:OF_ENV}"}, **{name: f"echo more $A {name} >> /tmp/log" for name in ALL})
    yield box.run("set-up", "--container-id", container, *words).seen
    yield box.inside("cat /tmp/log")
    yield box.run("set-up", "--container-id", container, *words).seen
    yield box.inside("cat /tmp/log")
    yield box.inside("echo $A")


@case
def set_up_goes_no_further(box):
    container = made(box, "--skip-post-create", **to("/tmp/log", *ALL))
    yield box.run("set-up", "--container-id", container, "--skip-post-create").seen
    yield box.inside("cat /tmp/log")[0]
    yield box.run("set-up", "--container-id", container, "--skip-non-blocking-commands").seen
    yield box.inside("cat /tmp/log")
    yield box.run("set-up", "--container-id", container, "--skip-non-blocking-commands", *more(box, waitFor="postCreateCommand")).seen
    yield box.inside("cat /tmp/log")


@case
def set_up_of_variables_and_dotfiles(box):
    box.write("../dots/install.sh", "#!/bin/sh\necho installed >> ~/done\n", 0o755)
    container = made(box, "--skip-post-create", mounts=[f"type=bind,source={box.base}/dots,target=/dots"], postCreateCommand="echo $A:$B > /tmp/log")
    yield box.run("set-up", "--container-id", container, "--remote-env", "A=a", "--remote-env", "B=", "--dotfiles-repository", "/dots").seen
    yield box.inside("cat /tmp/log ~/done")
    yield box.run("set-up", "--container-id", container, "--dotfiles-repository", "/dots").seen
    yield box.inside("cat ~/done")


@case
def set_up_with_the_configuration_in_the_answer(box):
    container = made(box, "--skip-post-create", image="conformance/up-label", remoteUser="root", containerEnv={"C": "c"}, customizations={"t": {"b": 2}})
    words = more(box, postStartCommand="true", remoteEnv={"R": "${containerEnv:C}"}, name="n ${localWorkspaceFolder}")
    for flags in (["--include-configuration"], ["--include-merged-configuration"], ["--include-configuration", "--include-merged-configuration"]):
        for extra in ((), words):
            done = box.run("set-up", "--container-id", container, *flags, *extra)
            yield done.seen, done.answer.get("configuration"), done.answer.get("mergedConfiguration")


@case
def set_up_that_fails(box):
    container = made(box, "--skip-post-create", **{**log(), "postCreateCommand": "exit 3", "postStartCommand": "echo start >> /tmp/log"})
    yield box.run("set-up", "--container-id", container).seen
    yield box.inside("cat /tmp/log")[0]
    yield box.run("set-up", "--container-id", "none").seen
    yield box.run("set-up", "--container-id", container, "--config", f"{box.base}/none.json").seen
    for words in ((), ("--nonsense",), ("--container-id", container, "--remote-env", "=")):
        done = box.run("set-up", *words)
        yield words[:1], done.status, done.out
