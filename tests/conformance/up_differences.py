"""What is known to differ, each a row of docs/devcontainers.md: what the reference does, and what ours does instead."""

import json
import os
import time

CASES = []


def differs(name, reference, ours):
    def added(function):
        function.reference, function.mine = reference, ours
        CASES.append((function.__name__.replace("_", "-"), name, function))
        return function
    return added


@differs("failed-command", [[1, 0, "on\nstart\n"]], [[1, 1, "on\n"]])
def a_failed_command_again(box):
    box.config(onCreateCommand="echo on >> log", postCreateCommand="exit 3", postStartCommand="echo start >> log")
    yield [box.up().status, box.up().status, box.read("log")]


@differs("null-in-remote-env", ["null"], ["unset"])
def null_in_remote_env(box):
    box.config(containerEnv={"A": "a"}, remoteEnv={"A": None})
    box.up()
    yield box.inside("echo ${A-unset}")[1].strip()


def command_lines():
    for process in os.listdir("/proc"):
        try:
            with open(f"/proc/{process}/cmdline", encoding="latin-1") as file:
                yield file.read()
        except OSError:
            continue


@differs("secrets-in-words", [True, 0], [False, 0])
def secrets_in_command_lines(box):
    secret = "hush-" + "a-secret-that-nobody-else-has"
    box.config(postCreateCommand="touch begun; sleep 2; test \"$S\" = hush-a-secret-that-nobody-else-has")
    box.write("../secrets.json", json.dumps({"S": secret}))
    running = box.begin("up", "--workspace-folder", box.web, "--secrets-file", f"{box.base}/secrets.json")
    end = time.monotonic() + 60
    while box.read("begun") is None and running.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    # What the hook itself says is in the command line of its shell.
    yield any(f"S={secret}" in line for line in command_lines())
    running.communicate(timeout=60)
    yield running.returncode


@differs("edited-file", [[0, False]], [[0, True]])
def an_edited_file_is_noticed(box):
    box.config()
    box.up()
    box.config(containerEnv={"A": "a"})
    done = box.up()
    yield [done.status, "devcontainer.json has changed" in done.story]


@differs("edited-remote-env", [["new", "new"]], [["old", "new"]])
def edited_remote_env(box):
    box.config(remoteEnv={"A": "old"})
    box.up()
    box.config(remoteEnv={"A": "new"})
    before = box.inside("echo $A")[1].strip()
    box.up()
    yield [before, box.inside("echo $A")[1].strip()]


@differs("edited-command", ["old\nold\n"], ["old\nnew\n"])
def edited_command(box):
    box.config(postAttachCommand="echo old >> log")
    box.up()
    box.config(postAttachCommand="echo new >> log")
    box.up()
    yield box.read("log")


@differs("one-at-a-time", [False], [True])
def several_at_once(box):
    box.config(postCreateCommand="echo made >> log")
    running = [box.begin("up", "--workspace-folder", box.web) for _ in range(3)]
    for one in running:
        one.communicate(timeout=120)
    yield len(box.containers()) == 1 and box.read("log") == "made\n" and all(one.returncode == 0 for one in running)


@differs("temporary-folder", [True], [False])
def temporary_folder(box):
    box.config(features={"./one": {}})
    box.write(".devcontainer/one/devcontainer-feature.json", '{"id":"one","version":"1.0.0"}')
    box.write(".devcontainer/one/install.sh", "#!/bin/sh\n", 0o755)
    box.up()
    yield bool(box.temporary())


@differs("owner-of-files", [["root", 1]], [["dev", 0]])
def files_are_the_users(box):
    box.config(remoteUser="dev")
    os.chmod(f"{box.web}", 0o755)
    box.up()
    yield [box.inside("stat -c %U .")[1].strip(), box.inside("touch new")[0]]


@differs("link-to-folder", ["/workspaces/link"], ["/workspaces/web"])
def link_to_the_folder(box):
    box.config()
    os.symlink("web", f"{box.base}/link")
    yield box.up(folder=f"{box.base}/link").answer["remoteWorkspaceFolder"]


@differs("container-id", [True], [False])
def id_after_a_rebuild(box):
    box.config()
    first = box.up().answer["containerId"]
    yield box.up("--remove-existing-container").answer["containerId"] != first


@differs("lock-of-local", [True], [False])
def lock_without_anything_in_it(box):
    box.config(features={"./one": {}})
    box.write(".devcontainer/one/devcontainer-feature.json", '{"id":"one","version":"1.0.0"}')
    box.write(".devcontainer/one/install.sh", "#!/bin/sh\n", 0o755)
    box.up()
    yield box.read(".devcontainer/devcontainer-lock.json") is not None


@differs("exec-json", ["", ""], ["out\n", ""])
def json_log_of_exec(box):
    box.config()
    box.up()
    done = box.exec("sh", "-c", "echo out", before=("--log-format", "json"))
    yield done.out
    yield box.exec("true").out


@differs("numbers-in-words", ["1000 16\n"], ["1e3 0x10\n"])
def words_that_look_like_numbers(box):
    box.config()
    box.up()
    yield box.exec("echo", "1e3", "0x10").out


@differs("more-variables", [["", ""]], [["dev", "/bin/sh"]])
def variables_of_the_user(box):
    box.config(remoteUser="dev", userEnvProbe="none")
    box.up()
    yield box.inside("echo $USER; echo $SHELL")[1].split("\n")[:2]


@differs("set-up-folder", ["/root"], ["/workspaces/web"])
def folder_of_set_up(box):
    box.config(postCreateCommand="pwd > /tmp/where")
    box.run("set-up", "--container-id", box.up("--skip-post-create").answer["containerId"])
    yield box.inside("cat /tmp/where")[1].strip()


@differs("set-up-user", ["dev"], ["root"])
def user_of_set_up(box):
    box.config()
    box.write("../more.json", json.dumps({"remoteUser": "dev", "postCreateCommand": "id -un > /tmp/who"}))
    box.run("set-up", "--container-id", box.up("--skip-post-create").answer["containerId"], "--config", f"{box.base}/more.json")
    yield box.inside("cat /tmp/who")[1].strip()


@differs("without-effect", [[0, False]], [[0, True]])
def options_without_effect_are_told(box):
    box.config()
    done = box.up("--container-data-folder", "/tmp/data", "--cache-from", "x")
    yield [done.status, "without effect here: --container-data-folder, --cache-from" in done.story]
