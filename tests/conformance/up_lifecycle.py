"""Where both are alike in the lifecycle commands: what runs, when, in which order, and what a failure ends."""

import json

from up_case import ALL, case, log


@case
def order_of_commands(box):
    box.config(**log(*ALL))
    yield box.up().seen, box.read("log")
    yield box.up().seen, box.read("log")


@case
def after_a_stop(box):
    box.config(**log(*ALL))
    done = box.up()
    box.stop(done.answer["containerId"])
    yield box.up().seen, box.read("log")


@case
def commands_of_image_and_features(box):
    box.config(image="conformance/up-label", features={"./two": {}, "./one": {}}, **log("postCreateCommand", "postAttachCommand"))
    for name in ("one", "two"):
        box.write(f".devcontainer/{name}/devcontainer-feature.json",
                  json.dumps({"id": name, "version": "1.0.0", "containerEnv": {f"OF_{name.upper()}": "yes"},
                              "postCreateCommand": f"echo {name} >> log", "postAttachCommand": f"echo {name} attached >> log"}))
        box.write(f".devcontainer/{name}/install.sh", f"#!/bin/sh\necho {name} >> /opt/installed\n", 0o755)
    yield box.up().seen, box.read("log")
    yield box.inside("cat /opt/installed; echo $OF_ONE $OF_TWO $OF_IMAGE $OF_ENV")
    yield box.up().seen, box.read("log")


@case
def forms_of_commands(box):
    box.config(onCreateCommand=["sh", "-c", "echo \"$0 $1\" >> log", "$HOME", "a  b"],
               postCreateCommand={"x": "echo x > x", "y": ["sh", "-c", "echo y > y"]}, postStartCommand="")
    yield box.up().seen, box.read("log"), box.read("x"), box.read("y")


@case
def a_command_that_fails(box):
    box.config(**{**log(*ALL), "postCreateCommand": "echo failing; exit 3"})
    done = box.up()
    yield done.seen, "failing" in done.story, box.read("log")
    yield box.inside("echo still there")


@case
def one_of_several_that_fails(box):
    box.config(postCreateCommand={"bad": "exit 4", "good": "sleep 0.3; echo good > good"}, postStartCommand="echo start > start")
    yield box.up().seen, box.read("good"), box.read("start")


@case
def initialize_fails(box):
    box.config(initializeCommand="exit 5", postCreateCommand="echo made > made")
    yield box.up().seen, box.read("made")
    yield box.exec("true").status


@case
def skip_post_create(box):
    box.config(**log(*ALL))
    yield box.up("--skip-post-create").seen, box.read("log")
    yield box.up().seen, box.read("log")


@case
def skip_non_blocking(box):
    for until in ("initializeCommand", "onCreateCommand", "postCreateCommand", "postStartCommand", None):
        box.write("log", "")
        box.config(**log(*ALL), **({"waitFor": until} if until else {}))
        yield box.up("--remove-existing-container", "--skip-non-blocking-commands").seen, box.read("log")
        yield box.commands().seen, box.read("log")


@case
def skip_post_attach(box):
    box.config(**log(*ALL))
    yield box.up("--skip-post-attach").seen, box.read("log")
    yield box.commands("--skip-post-attach").seen, box.read("log")


@case
def prebuild(box):
    box.config(**log(*ALL))
    yield box.up("--prebuild").seen, box.read("log")
    yield box.up("--prebuild").seen, box.read("log")
    yield box.up().seen, box.read("log")


@case
def run_user_commands(box):
    box.config(**log(*ALL))
    yield box.up("--skip-post-create").seen
    yield box.commands("--skip-non-blocking-commands").seen, box.read("log")
    yield box.commands("--prebuild").seen, box.read("log")
    yield box.commands("--stop-for-personalization").seen, box.read("log")
    yield box.commands().seen, box.read("log")
    yield box.commands().seen, box.read("log")


@case
def progress_for_programs(box):
    box.config(onCreateCommand="echo one", postCreateCommand=["echo", "two"], postStartCommand="exit 3", postAttachCommand="echo never")
    done = box.up("--log-format", "json")
    events = [json.loads(line) for line in done.story.splitlines() if line.startswith("{")]
    yield done.seen
    yield [(list(event), event["name"], event["status"], event.get("stepDetail"), event.get("channel")) for event in events if event["type"] == "progress"]
    yield ["one" in event["text"] for event in events if event["type"] == "raw" and "channel" in event and event["text"].startswith("one")]
