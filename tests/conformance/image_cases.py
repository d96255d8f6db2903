"""build, where both are alike, and what is known to differ."""

import json

from image_case import answer, build, case, config, differs, digest, feature, hand_over, label


@case
def an_image_alone(box):
    box.config(postCreateCommand="echo made >> log", containerEnv={"C": "${localEnv:HOME}"}, remoteUser="dev")
    done = build(box)
    yield answer(done)
    yield config(box, done.answer["imageName"][0])
    yield answer(build(box, "--image-name", "conformance/named"))
    yield config(box, "conformance/named")


@case
def several_names_and_labels(box):
    box.config()
    done = build(box, "--image-name", "conformance/one:1", "--image-name", "conformance/two", "--label", "a=b c", "--label", "d=$e \"f\"")
    yield answer(done)
    yield config(box, "conformance/one:1"), config(box, "conformance/two")


@case
def what_the_image_says_already(box):
    box.config(image="conformance/up-label", customizations={"t": {"b": 2}})
    yield answer(build(box, "--image-name", "conformance/upon-label"))
    yield config(box, "conformance/upon-label")


@case
def user_of_the_image(box):
    box.config(image="conformance/up-user")
    yield answer(build(box, "--image-name", "conformance/upon-user"))
    yield config(box, "conformance/upon-user")
    feature(box, "one", "id -un > /one")
    box.config(image="conformance/up-user", features={"./one": {}})
    yield answer(build(box, "--image-name", "conformance/upon-user"))
    yield config(box, "conformance/upon-user")


@case
def features(box):
    feature(box, "one", "echo one $GREETING $_REMOTE_USER >> /order", containerEnv={"ONE": "1", "PATH": "/one:${PATH}"},
            options={"greeting": {"type": "string", "default": "hello"}}, mounts=["source=conformance-a,target=/a,type=volume"],
            customizations={"t": {"x": [1, 1.50, 1e3, "é\"$"]}}, postCreateCommand={"a": "true", "b": ["true"]}, entrypoint="/bin/true",
            init=False, privileged=False, capAdd=["SYS_PTRACE"], securityOpt=["seccomp=unconfined"])
    feature(box, "two", "echo two $ONE >> /order", installsAfter=["./one"], extensions=["a.b"])
    box.config(features={"./two": {}, "./one": {"greeting": "moin moin"}}, remoteUser="dev",
               containerEnv={"OWN": "a $HOME \"b\" \\c", "ID": "${devcontainerId}", "L": "${localEnv:NONE:l}"}, remoteEnv={"R": "${containerEnv:ONE}", "N": None},
               forwardPorts=[3000], postAttachCommand=["true", "$b"], hostRequirements={"cpus": 1})
    yield answer(build(box, "--image-name", "conformance/features"))
    yield config(box, "conformance/features")
    box.config(image="conformance/features")
    yield box.up().seen
    yield box.inside("cat /order; echo $ONE; echo $PATH; echo $OWN; id -un")


@case
def features_once_more(box):
    feature(box, "one", "echo one >> /order", customizations={"t": {"a": 1}})
    box.config(features={"./one": {}})
    yield answer(build(box, "--image-name", "conformance/again"))
    first = digest(box, "conformance/again")
    yield answer(build(box, "--image-name", "conformance/again-2")), digest(box, "conformance/again-2") == first
    feature(box, "one", "cat /proc/sys/kernel/random/uuid > /order", customizations={"t": {"a": 1}})
    yield answer(build(box, "--image-name", "conformance/again")), digest(box, "conformance/again") == first
    yield answer(build(box, "--no-cache", "--image-name", "conformance/again-2"))
    yield digest(box, "conformance/again-2") == digest(box, "conformance/again")
    yield answer(build(box, "--skip-persisting-customizations-from-features", "--image-name", "conformance/again-3"))
    yield label(box, "conformance/again-3")


@case
def more_features(box):
    feature(box, "one")
    box.config()
    yield answer(build(box, "--additional-features", '{"./one": {}}', "--image-name", "conformance/more"))
    yield label(box, "conformance/more")


@case
def words_as_people_write_them(box):
    box.write(".devcontainer/devcontainer.json", """{ // a comment
        "image": "conformance/up", "settings": {"a": 1}, "extensions": ["x.y"], "devPort": 1,
        "capAdd": ["A",], "unknown": 1, "onCreateCommand": "", "postStartCommand": "echo \\"$HOME\\" `date` \\\\ ü", }""")
    yield answer(build(box, "--image-name", "conformance/people"))
    yield label(box, "conformance/people")


@case
def dockerfile(box):
    box.write(".devcontainer/Dockerfile", f"FROM {box.side.registry}/up AS first\nARG WORD=none\nRUN echo $WORD > /built\n"
              "LABEL own=1\nENV OF_BUILD=yes\nFROM first AS second\nUSER dev\nWORKDIR /work\nCMD [\"a\", \"b\"]\nFROM first AS last\n")
    said = {"dockerfile": "Dockerfile", "args": {"WORD": "given"}, "target": "second", "options": ["--network=none"]}
    box.write(".devcontainer/devcontainer.json", json.dumps({"build": said, "postCreateCommand": "cat /built > log"}))
    done = build(box)
    yield answer(done)
    yield config(box, done.answer["imageName"][0])
    yield answer(build(box, "--image-name", "conformance/dockerfile"))
    feature(box, "one", "cat /built > /seen")
    box.write(".devcontainer/devcontainer.json", json.dumps({"build": said, "features": {"./one": {}}}))
    yield answer(build(box, "--image-name", "conformance/dockerfile"))
    yield config(box, "conformance/dockerfile")
    box.config(image="conformance/dockerfile")
    yield box.up().seen, box.inside("cat /seen; pwd; id -un")


@case
def what_fails(box):
    yield answer(build(box))
    box.write(".devcontainer/devcontainer.json", '{"name": "no image"}')
    yield answer(build(box))
    box.write(".devcontainer/Dockerfile", f"FROM {box.side.registry}/up\nRUN exit 7\n")
    box.write(".devcontainer/devcontainer.json", '{"build": {"dockerfile": "Dockerfile", "options": ["--network=none"]}}')
    yield answer(build(box))
    box.write(".devcontainer/devcontainer.json", '{"build": {"dockerfile": "None"}}')
    yield answer(build(box))
    box.config()
    yield answer(build(box, "--push", "--output", "type=docker")), answer(build(box, "--config", f"{box.web}/none/devcontainer.json"))
    yield answer(build(box, "--platform", "linux/s390x"))
    for words in (["--nonsense"], ["--no-lockfile", "--frozen-lockfile"], ["--buildkit", "x"], ["--log-format", "x"]):
        yield words, answer(build(box, *words))
    feature(box, "one", "exit 3")
    box.config(features={"./one": {}})
    yield answer(build(box, "--image-name", "conformance/never"))
    yield answer(build(box, "--frozen-lockfile"))


@case
def from_the_current_folder(box):
    box.config(".devcontainer.json")
    yield answer(box.run("build", "--image-name", "conformance/current"))
    yield answer(box.run("build", "ignored", "--image-name", "conformance/current"))


@case
def the_other_starts_from_it(box):
    feature(box, "one", "echo one > /one", containerEnv={"ONE": "1"}, postCreateCommand="echo feature >> ~/log")
    box.config(features={"./one": {}}, remoteUser="dev", postCreateCommand="echo own >> ~/log", remoteEnv={"R": "r"})
    yield answer(build(box, "--image-name", "conformance/handed"))
    hand_over(box, "conformance/handed", box.side.other)
    other = box.of(box.side.other)
    other.config(image="conformance/handed", postCreateCommand="echo here >> ~/log")
    yield other.up().seen
    yield other.inside("cat ~/log /one; echo $ONE $R; id -un")


@differs("left-in-image", [True], [False])
def what_installing_leaves(box):
    feature(box, "one")
    box.config(features={"./one": {}})
    build(box, "--image-name", "conformance/left")
    box.config(image="conformance/left")
    box.up()
    yield box.inside("ls -A /tmp")[1] != ""


@differs("label-of-dockerfile", [None], ["yes"])
def labels_of_a_dockerfile(box):
    box.write(".devcontainer/Dockerfile", f"FROM {box.side.registry}/up\n")
    box.write(".devcontainer/devcontainer.json", '{"build": {"dockerfile": "Dockerfile", "options": ["--network=none"]}}')
    build(box, "--image-name", "conformance/label", "--label", "asked=yes")
    yield (config(box, "conformance/label")["Labels"] or {}).get("asked")


@differs("push-without-buildx", [[1, 1]], [[0, 0]])
def push(box):
    box.config(postCreateCommand="true")
    name = f"{box.side.registry}/pushed-{box.ours}".lower()
    first = build(box, "--push", "--image-name", name).status
    yield [first, build(box, "--push", "--image-name", f"{name}:2").status]


@differs("output", [[1, 1]], [[0, 1]])
def output(box):
    box.config(postCreateCommand="true")
    archive = build(box, "--output", f"type=oci,dest={box.base}/written.tar").status
    yield [1 if not box.ours else archive, build(box, "--output", "type=cacheonly,mode=max").status if box.ours else 1]
