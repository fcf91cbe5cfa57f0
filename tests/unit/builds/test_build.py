"""Buildspecs really run: phases, shell, variables, artifacts, logs."""

import gzip
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from crossdock.local.builds import CodeBuild
from crossdock.local.builds.workspace import Workspace
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.packages import Configuration, PackageIndex, Source

from .conftest import ROLE


def spec(build: str = "echo ok", more: str = "") -> str:
    return f"version: 0.2\n{more}\nphases:\n  build:\n    commands:\n" + "".join(
        f"      - {command}\n" for command in build.splitlines()
    )


def test_b1_a_build_passes_through_all_phases(builds):
    build = builds.run(spec("echo hello"))
    assert build["buildStatus"] == "SUCCEEDED"
    assert list(builds.phases) == [
        "SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD",
        "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED",
    ]
    assert builds.output == ["hello"]
    assert build["initiator"] == "ada"
    assert build["logs"]["groupName"] == "/aws/codebuild/shop"
    assert list(builds.world.logs) == [f"/aws/codebuild/shop {build['id'].partition(':')[2]}"]
    assert any(line.endswith(" Running command echo hello") for line in builds.lines)
    assert any(line.endswith(" Phase complete: BUILD State: SUCCEEDED") for line in builds.lines)


def test_a_failing_command_fails_the_build_and_names_itself(builds):
    build = builds.run(spec("exit 1\necho never"))
    assert build["buildStatus"] == "FAILED"
    assert builds.phases["BUILD"] == "FAILED"
    assert builds.context("BUILD") == (
        "COMMAND_EXECUTION_ERROR", "Error while executing command: exit 1. Reason: exit status 1"
    )
    assert "never" not in builds.output


@pytest.mark.parametrize(("command", "status"), [
    ("false", 1), ("(exit 7)", 7), ("exit 3", 3), ("kill -9 $$", 137), ("no-such-command", 127), ("'if'", 2),
    ("exec sh -c 'exit 9'", 9), ("set -e; false; true", 1),
])
def test_a_command_fails_by_its_status_even_when_it_ends_the_shell(builds, command, status):
    builds.run(spec(command))
    assert builds.context("BUILD")[1].endswith(f"Reason: exit status {status}")


def test_b1_after_a_failing_build_phase_post_build_runs_and_knows(builds):
    builds.run("""
version: 0.2
phases:
  install: {commands: [echo install]}
  build: {commands: [exit 1]}
  post_build: {commands: ['echo succeeding=$CODEBUILD_BUILD_SUCCEEDING']}
""")
    assert builds.output == ["install", "succeeding=0"]
    assert builds.build["buildStatus"] == "FAILED"
    assert builds.phases["POST_BUILD"] == builds.phases["UPLOAD_ARTIFACTS"] == "SUCCEEDED"


def test_b1_a_failing_pre_build_ends_the_build(builds):
    builds.run("version: 0.2\nphases: {pre_build: {commands: ['false']}, build: {commands: [echo never]}}")
    assert "BUILD" not in builds.phases
    assert "UPLOAD_ARTIFACTS" not in builds.phases
    assert builds.phases["FINALIZING"] == "SUCCEEDED"


def test_b1_on_failure_continue_goes_on_and_abort_does_not(builds):
    builds.run("""
version: 0.2
phases:
  install: {on-failure: CONTINUE, commands: ['false']}
  build: {on-failure: ABORT, commands: [echo build, 'false']}
  post_build: {commands: [echo never]}
""")
    assert builds.output == ["build"]
    assert builds.build["buildStatus"] == "FAILED"


def test_b2_finally_runs_after_a_failure(builds):
    builds.run("version: 0.2\nphases: {build: {commands: [exit 4, echo never], finally: [echo at last, pwd]}}")
    assert builds.output[0] == "at last"
    assert builds.context("BUILD")[1].endswith("exit status 4")


def test_b2_a_failing_finally_fails_the_phase(builds):
    builds.run("version: 0.2\nphases: {build: {commands: ['true'], finally: ['false']}}")
    assert builds.phases["BUILD"] == "FAILED"


def test_b3_directory_exports_and_functions_survive_from_command_to_command(builds):
    builds.run("""
version: 0.2
phases:
  install: {commands: [mkdir deep, cd deep, export A=1, 'B=2', 'greet() { echo hi $1; }']}
  build:
    commands:
      - basename "$PWD"
      - greet $A$B
      - |
        for i in 1 2
        do echo "loop $i"
        done
""")
    assert builds.output[:2] + builds.output[-2:] == ["deep", "hi 12", "loop 1", "loop 2"]


def test_directory_and_exports_survive_the_end_of_the_shell(builds):
    builds.run("""
version: 0.2
phases:
  build: {commands: [mkdir deep, cd deep, "export A='1 2'", 'exit 0', 'echo "$A" $(basename "$PWD")', exit 5]}
  post_build: {commands: ['echo "$A" $(basename "$PWD")']}
""")
    assert builds.output == ["1 2 deep", "1 2 deep"]


def test_options_of_the_shell_survive_and_do_not_confuse_it(builds):
    builds.run(spec("set -eux\necho one\necho two\necho ${missing}"))
    assert [line for line in builds.output if not line.startswith("+")][:2] == ["one", "two"]
    assert builds.phases["BUILD"] == "FAILED"
    assert not [line for line in builds.lines if "crossdock_status" in line or "printf" in line]


def test_b3_version_0_1_runs_each_command_in_its_own_shell(builds):
    builds.run("""
version: 0.1
environment_variables: {plaintext: {GIVEN: here}}
phases: {build: {commands: [mkdir deep, cd deep && export A=1, 'echo "[$A] $GIVEN" $(basename "$PWD")']}}
""")
    assert builds.output == ["[] here src"]


def test_b3_bash_is_used_where_the_buildspec_asks_for_it(builds):
    builds.run(spec("'[[ -n $BASH_VERSION ]] && echo bash'", "env: {shell: bash}"))
    assert builds.output == ["bash"]


def test_a_command_sees_an_empty_input(builds):
    builds.run(spec("cat\necho after"))
    assert builds.output == ["after"]


def test_nothing_of_the_users_environment_is_visible(builds, monkeypatch):
    monkeypatch.setenv("MY_PRIVATE_TOKEN", "hush")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    builds.run(spec("env\necho home $HOME\nls -A $HOME"))
    assert not [line for line in builds.output if "hush" in line or line.startswith(("PYTHONPATH=", "VIRTUAL_ENV="))]
    names = {line.partition("=")[0] for line in builds.output if "=" in line}
    assert {"AWS_ACCESS_KEY_ID", "CODEBUILD_BUILD_ID", "PATH", "HOME", "TMPDIR", "PIP_INDEX_URL"} <= names
    assert str(Path.home()) not in [line.removeprefix("home ") for line in builds.output]


def test_b5_codebuilds_own_variables_are_set(builds):
    build = builds.run(spec(
        "echo $CODEBUILD_BUILD_ID $CODEBUILD_BUILD_ARN $CODEBUILD_BUILD_NUMBER $CODEBUILD_INITIATOR\n"
        "test \"$CODEBUILD_SRC_DIR\" = \"$PWD\" && test $CODEBUILD_START_TIME -gt 1700000000000"))
    assert builds.output == [f"{build['id']} {build['arn']} 1 ada"]
    assert build["buildStatus"] == "SUCCEEDED"


def test_b4_overrides_beat_the_project_and_the_project_beats_the_buildspec(builds):
    builds.run(
        spec("echo $A $B $C", "env: {variables: {A: spec, B: spec, C: spec}}"),
        environment={"environmentVariables": [{"name": "B", "value": "project"}, {"name": "C", "value": "project"}]},
        start={"environmentVariablesOverride": [{"name": "C", "value": "start"}]},
    )
    assert builds.output == ["spec project start"]


def test_b4_secrets_are_read_as_the_role_and_masked(builds):
    builds.world.clouds.parameters["/shop/key"] = "correct horse"
    builds.world.clouds.secrets["db"] = '{"password": "battery staple"}'
    builds.run(spec(
        "echo $KEY and $PASSWORD\nprintf '%s' \"$PASSWORD\" | wc -c",
        "env: {parameter-store: {KEY: /shop/key}, secrets-manager: {PASSWORD: 'db:password'}}",
    ))
    assert builds.output[0] == "*** and ***"
    assert builds.output[1].strip() == "14"
    assert {caller.principal_arn for caller in builds.world.clouds.callers} == {ROLE}


def test_b4_a_missing_parameter_fails_before_any_command(builds):
    builds.run(spec("echo never", "env: {parameter-store: {KEY: /absent}}"))
    assert builds.context("DOWNLOAD_SOURCE") == (
        "Decrypted Variables Error", "parameter does not exist: /absent"
    )
    assert builds.output == []


def test_b4_exported_variables_are_those_after_the_last_phase(builds):
    builds.world.clouds.parameters["/key"] = "secret value"
    builds.run("""
version: 0.2
env: {parameter-store: {KEY: /key}, exported-variables: [TAG, NEVER, KEY, AWS_REGION]}
phases: {build: {commands: [export TAG=1]}, post_build: {commands: ['export TAG="two words"']}}
""")
    assert builds.build["exportedEnvironmentVariables"] == [{"name": "TAG", "value": "two words"}]


FILES = {
    "app/main.py": "main", "app/deep/more.py": "more", "app/run.sh": "#!/bin/sh\necho ran", "README": "read",
    ".hidden": "h",
}


def buildspec(artifacts: str, commands: str = "['true']") -> dict[str, str]:
    text = f"version: 0.2\nphases: {{build: {{commands: {commands}}}}}\nartifacts: {artifacts}\n"
    return {**FILES, "buildspec.yml": text}


@pytest.mark.parametrize(("artifacts", "names"), [
    ("{files: ['**/*'], exclude-paths: ['**/*.py', buildspec.yml]}", {".hidden", "README", "app/run.sh"}),
    ("{files: ['*.py', 'deep/**/*'], base-directory: app}", {"main.py", "deep/more.py"}),
    ("{files: ['app/*']}", {"app/main.py", "app/run.sh"}),
    ("{files: ['app/**/*'], discard-paths: yes}", {"main.py", "more.py", "run.sh"}),
    ("{files: [README]}", {"README"}),
    ("{files: ['**/m?re.*'], base-directory: $CODEBUILD_SRC_DIR/app}", {"deep/more.py"}),
])
def test_b6_artifacts_are_what_the_globs_name(builds, artifacts, names):
    builds.deliver(buildspec(artifacts))
    assert set(builds.uploaded("store/out/Built")) == names


def test_b6_a_pipelines_artifact_is_encrypted_with_its_key_and_names_the_build(builds):
    key = "arn:aws:kms:eu-central-1:111111111111:key/k"
    build = builds.deliver(buildspec("{files: [README]}"), key=key)
    put = builds.world.clouds.puts["store/out/Built"]
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    assert put["Metadata"]["codebuild-buildarn"] == build["arn"]
    assert build["encryptionKey"] == key
    assert build["artifacts"]["location"] == "arn:aws:s3:::store/out/Built"
    assert (build["initiator"], build["resolvedSourceVersion"]) == ("codepipeline/shop-pipeline", "c0ffee")
    assert ("codebuild:StartBuild", "arn:aws:codebuild:eu-central-1:111111111111:project/shop") in builds.world.asked


def test_b6_a_file_that_is_not_there_fails_the_upload(builds):
    builds.deliver(buildspec("{files: [README, absent.txt]}"))
    assert builds.context("UPLOAD_ARTIFACTS") == ("CLIENT_ERROR", "no matching artifact paths found: absent.txt")
    assert builds.build["buildStatus"] == "FAILED"


def test_b6_several_outputs_are_the_secondary_artifacts_of_those_names(builds):
    builds.deliver(
        buildspec("{secondary-artifacts: {One: {files: [README]}, Two: {files: ['*'], base-directory: app}}}"),
        outputs=("One", "Two"),
    )
    assert builds.uploaded("store/out/One") == {"README": "read"}
    assert set(builds.uploaded("store/out/Two")) == {"main.py", "run.sh"}


def test_further_inputs_have_directories_of_their_own(builds):
    commands = "['cat $CODEBUILD_SRC_DIR_Extra/x', 'sh -c app/run.sh', 'app/run.sh', 'echo $V']"
    builds.deliver(
        buildspec("{files: [README]}", commands),
        more={"Extra": {"x": "extra\n"}}, environment=({"name": "V", "value": "action", "type": "PLAINTEXT"},),
    )
    assert builds.output == ["extra", "ran", "ran", "action"]


def test_a_role_that_may_not_read_the_source_fails_the_download(builds):
    builds.world.clouds.denied.add("GetObject")
    builds.deliver(buildspec("{files: [README]}"))
    code, message = builds.context("DOWNLOAD_SOURCE")
    assert code == "CLIENT_ERROR"
    assert message.startswith("AccessDenied: Access Denied status code: 403, request id: R")
    assert "for primary source and source version arn:aws:s3:::store/in/Source" in message


def test_a_role_that_may_not_write_artifacts_fails_the_upload(builds):
    builds.world.clouds.denied.add("PutObject")
    builds.deliver(buildspec("{files: [README]}"))
    assert builds.phases["UPLOAD_ARTIFACTS"] == "FAILED"
    assert builds.build["buildStatus"] == "FAILED"


def test_a_zip_that_climbs_out_is_refused(builds):
    builds.deliver({"../outside": "x", "buildspec.yml": spec()})
    assert builds.context("DOWNLOAD_SOURCE") == ("CLIENT_ERROR", "the zip file names a path outside: ../outside")


def test_b7_without_a_buildspec_the_download_fails(builds):
    builds.deliver({"README": "x"})
    code, message = builds.context("DOWNLOAD_SOURCE")
    assert code == "YAML_FILE_ERROR"
    assert message.endswith("buildspec.yml: no such file or directory")


def test_b7_a_buildspec_of_another_name_is_read_from_the_source(builds):
    builds.deliver({"ci/build.yml": spec("echo other")}, buildspec="ci/build.yml")
    assert builds.output == ["other"]


def test_a_role_that_may_not_write_logs_is_told_so(builds):
    builds.world.may_log = False
    builds.run(spec())
    code, message = builds.context("PROVISIONING")
    assert code == "ACCESS_DENIED"
    assert message.startswith(f"Service role {ROLE} does not allow AWS CodeBuild to create Amazon CloudWatch Logs")
    assert builds.build["buildStatus"] == "FAILED"


def test_a_role_that_vanished_fails_the_submission(builds):
    builds.project(spec())
    builds.world.roles.clear()
    builds.finish(builds.call("StartBuild", projectName="shop")["build"]["id"])
    assert builds.context("SUBMITTED")[0] == "ACCESS_DENIED"
    assert list(builds.phases) == ["SUBMITTED", "COMPLETED"]


def test_the_log_is_copied_to_s3(builds):
    build = builds.run(spec("echo hello"), logsConfig={
        "cloudWatchLogs": {"status": "DISABLED"}, "s3Logs": {"status": "ENABLED", "location": "logs/builds"}})
    text = gzip.decompress(builds.world.clouds.objects[f"logs/builds/{build['id'].partition(':')[2]}.gz"]).decode()
    assert "\nhello\n" in text
    assert builds.lines == []


def test_b8_events_tell_the_states_and_the_phases(builds):
    builds.run(spec())
    states = [d["build-status"] for kind, d in builds.world.events if kind == "CodeBuild Build State Change"]
    phases = [d["completed-phase"] for kind, d in builds.world.events if kind == "CodeBuild Build Phase Change"]
    assert states == ["IN_PROGRESS", "SUCCEEDED"]
    assert phases == list(builds.phases)[:-1]


def test_stop_build_ends_it_with_all_its_processes(builds):
    builds.project(spec("echo $$; sleep 60"))
    id_ = builds.call("StartBuild", projectName="shop")["build"]["id"]
    while not builds.output:
        time.sleep(0.01)
    build = builds.call("StopBuild", id=id_)["build"]
    assert (build["buildStatus"], build["buildComplete"]) == ("STOPPED", True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(builds.output[0]), 0)


def test_a_build_over_its_time_is_ended(builds):
    builds.project(spec("sleep 60"))
    project = next(iter(builds.engine.state.projects.values()))
    project.settings = {**project.settings, "timeoutInMinutes": 0.02}  # the API's least is five minutes
    builds.engine._start(project, {**project.settings}, initiator="test", overrides=())
    builds.finish(next(iter(builds.engine.state.builds.values())).id)
    assert builds.build["buildStatus"] == "TIMED_OUT"


def test_nothing_of_a_build_stays_on_disk(builds, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    builds.run(spec("pwd\nmkdir -p a/b\nchmod 500 a"))
    assert builds.output[0].startswith(str(tmp_path))
    assert not list(tmp_path.glob("*crossdock-build-*"))


def test_what_a_killed_build_left_is_removed_at_the_next_start_and_running_ones_stay(builds, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = (
        "import os, tempfile; from crossdock.local.builds.workspace import Workspace\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "print(Workspace().root); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-u", "-c", program], capture_output=True, text=True, check=False)
    left, running = Path(killed.stdout.strip()), Workspace()
    assert left.is_dir()
    builds.engine.start()
    assert not left.exists()
    assert running.root.is_dir()
    running.remove()


def test_a_python_that_is_not_here_is_replaced_and_said_so(builds):
    builds.run("""
version: 0.2
phases:
  install: {runtime-versions: {python: 3.99}}
  build: {commands: ['python -c "import sys; print(sys.prefix != sys.base_prefix)"', 'pip --version | cut -c1-4']}
""")
    assert builds.output == ["True", "pip "]
    assert any("asked for python 3.99, ran on python" in one for one in builds.world.substitutions)
    assert any("asked for image aws/codebuild/standard:7.0" in one for one in builds.world.substitutions)


def test_an_unknown_runtime_fails_before_any_command(builds):
    builds.run("version: 0.2\nphases: {install: {runtime-versions: {cobol: 1}}, build: {commands: [echo never]}}")
    assert builds.context("DOWNLOAD_SOURCE")[1].startswith("Unknown runtime named 'cobol'")


def test_a_package_that_cannot_be_had_is_told_in_the_log(builds):
    nowhere = Configuration(sources=(Source(url="http://127.0.0.1:9/simple"),))
    builds.engine = CodeBuild(builds.world, PackageIndex(builds.world.root / "cache", lambda: nowhere))
    builds.run(spec("pip install --quiet nothing-such"))
    assert builds.build["buildStatus"] == "FAILED"
    assert any("nothing-such" in line and "run once with network" in line for line in builds.lines)


def test_docker_and_system_packages_are_kept_from_a_build_with_a_reason(builds):
    builds.run(spec("docker build . || apt-get install -y jq || echo neither"))
    assert builds.output[-1] == "neither"
    assert builds.output[0].startswith("docker: not found (")


def test_the_aws_cli_is_there_whatever_python_the_build_uses(builds):
    builds.run(spec("aws --version"))
    assert builds.output[0].startswith("aws-cli/")


def test_builds_run_at_the_same_time(builds):
    builds.project(spec("sleep 0.3"))
    ids = [builds.call("StartBuild", projectName="shop")["build"]["id"] for _ in range(3)]
    assert threading.active_count() >= 3
    assert {builds.finish(id_)["buildStatus"] for id_ in ids} == {"SUCCEEDED"}
    assert [builds.finish(id_)["buildNumber"] for id_ in ids] == [1, 2, 3]
    assert builds.call("ListBuildsForProject", projectName="shop")["ids"] == ids[::-1]


def test_projects_are_kept_changed_and_removed(builds):
    builds.project(spec())
    with pytest.raises(AwsError, match="already exists"):
        builds.project(spec())
    builds.call("UpdateProject", name="shop", description="new", tags=[{"key": "a", "value": "b"}])
    (project,) = builds.call("BatchGetProjects", names=["shop", "absent"])["projects"]
    assert (project["description"], project["timeoutInMinutes"]) == ("new", 60)
    assert builds.engine.tags(project["arn"]) == {"a": "b"}
    assert builds.call("ListProjects")["projects"] == ["shop"]
    builds.call("DeleteProject", name="shop")
    assert builds.call("ListProjects")["projects"] == []
    with pytest.raises(AwsError, match="cannot be found"):
        builds.call("StartBuild", projectName="shop")


def test_a_project_needs_a_role_that_may_be_passed_and_assumed(builds):
    with pytest.raises(AwsError, match="not authorized to perform: sts:AssumeRole"):
        builds.project(spec(), serviceRole=f"{ROLE}-absent")
    builds.world.forbidden.add("iam:PassRole")
    with pytest.raises(AwsError, match="may not iam:PassRole"):
        builds.project(spec())


def test_what_is_not_emulated_is_refused_by_name(builds):
    with pytest.raises(NotEmulated, match="codebuild:StartBuildBatch"):
        builds.call("StartBuildBatch", projectName="shop")
    builds.project(spec())
    with pytest.raises(NotEmulated, match="fleetOverride of StartBuild"):
        builds.call("StartBuild", projectName="shop", fleetOverride={"fleetArn": "x"})


def test_a_build_of_a_pipelines_project_by_hand_is_refused(builds):
    builds.project(source={"type": "CODEPIPELINE"}, artifacts={"type": "CODEPIPELINE"})
    with pytest.raises(AwsError, match="built by its pipeline"):
        builds.call("StartBuild", projectName="shop")


def test_an_artifact_outside_pipelines_goes_where_the_project_says(builds):
    builds.run(
        spec("mkdir -p out/deep\necho x > out/deep/f", "artifacts: {files: ['**/*'], base-directory: out}"),
        artifacts={"type": "S3", "location": "bucket", "path": "p", "name": "n", "packaging": "NONE"},
    )
    assert builds.world.clouds.objects["bucket/p/n/deep/f"] == b"x\n"


def test_an_unforeseen_fault_ends_the_build_and_is_not_swallowed(builds, monkeypatch):
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: seen.append(args.exc_type))
    builds.project(source={"type": "S3", "location": "store/absent"}, artifacts={"type": "NO_ARTIFACTS"})
    build = builds.finish(builds.call("StartBuild", projectName="shop")["build"]["id"])  # a KeyError of the fake S3
    assert build["buildStatus"] == "FAULT"
    assert list(builds.phases)[-1] == "COMPLETED"
