"""A buildspec is read as CodeBuild reads it, and its mistakes are named."""

import pytest

from crossdock.local.builds.buildspec import BuildspecError, parse


def test_scalars_keep_the_text_of_the_file():
    spec = parse("""
version: 0.2
env: {variables: {PORT: 8080, DEBUG: true, EMPTY: }}
phases:
  install: {runtime-versions: {python: 3.10}}
  build: {commands: [true, echo 1.0]}
""")
    assert spec.variables == {"PORT": "8080", "DEBUG": "true", "EMPTY": ""}
    assert spec.runtimes == {"python": "3.10"}
    assert spec.phases["build"].commands == ("true", "echo 1.0")


def test_anchors_and_merge_keys_are_resolved():
    spec = parse("""
version: 0.2
env: {variables: &base {A: x}}
phases:
  build: &one {commands: [echo a]}
  post_build: {<<: *one, on-failure: abort}
""")
    assert spec.phases["post_build"].commands == ("echo a",)
    assert spec.phases["post_build"].on_failure == "ABORT"


def test_json_is_a_buildspec_too():
    assert parse('{"version": "0.2", "phases": {"build": {"commands": ["a"]}}}').phases["build"].commands == ("a",)


def test_artifacts_are_read_with_their_options():
    spec = parse("""
version: 0.2
phases: {build: {commands: [a]}}
artifacts:
  files: ['**/*']
  base-directory: out
  discard-paths: yes
  exclude-paths: ['*.pyc']
  secondary-artifacts: {docs: {files: docs/*}}
""")
    assert spec.artifacts
    assert (spec.artifacts.base, spec.artifacts.discard_paths, spec.artifacts.exclude) == ("out", True, ("*.pyc",))
    assert spec.secondary["docs"].files == ("docs/*",)


def test_what_is_accepted_without_effect_is_said():
    spec = parse("""
version: 0.2
run-as: root
phases: {build: {run-as: me, commands: [a]}}
reports: {tests: {files: [r.xml], file-format: NUNITXML}}
cache: {paths: [x]}
wrong: 1
""")
    text = "\n".join(spec.ignored)
    for word in ("wrong", "report group tests", "cache", "run-as is accepted", "run-as of phase build"):
        assert word in text


@pytest.mark.parametrize(("text", "message"), [
    ("phases: {build: {commands: [a]}}", "Unknown buildspec version: ''"),
    ("version: 9\nphases: {build: {commands: [a]}}", "Unknown buildspec version: '9'"),
    ("version: 0.2", "no phases found"),
    ("version: 0.2\nphases: {post-build: {commands: [a]}}",
     "Invalid buildspec phase name: post-build. Expecting: build,install,post_build,pre_build"),
    ("version: 0.2\nphases: {install: {}}", "no commands found for phase name: install"),
    ("version: 0.2\nphases: {build: {commands: [{echo: x}]}}",
     "Expected Commands[0] to be of string type: found subkeys"),
    ("version: 0.2\nphases: {build: {commands: echo}}", "Expected Commands of phase build to be a list"),
    ("version: 0.2\nphases:\n  build: [", "yaml: line 3: "),
    ("version: 0.2\nenv: {variables: {A-B: x}}\nphases: {build: {commands: [a]}}", "'A-B' is no name"),
    ("version: 0.2\nenv: {shell: powershell.exe}\nphases: {build: {commands: [a]}}", "does not emulate the shell"),
    ("version: 0.2\nphases: {build: {on-failure: RETRY, commands: [a]}}", "does not emulate on-failure: RETRY"),
    ("version: 0.2\nphases: {build: {commands: [a]}}\nartifacts: {name: x}", "no files found for artifacts"),
    ("- just\n- a list", "Expected buildspec to be a mapping"),
    ("", "Unknown buildspec version"),
    ("version: 0.2\nphases: {build: {commands: [!!python/object/apply:os.system [id]]}}", "Expected Commands[0]"),
])
def test_a_mistake_is_named(text, message):
    with pytest.raises(BuildspecError) as caught:
        parse(text)
    assert message in str(caught.value)
