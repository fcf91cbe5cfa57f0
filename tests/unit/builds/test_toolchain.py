"""Interpreters are found by what they are, and environments made from them share nothing that a build could change."""

import subprocess
import sys

from crossdock.local import toolchain

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_the_running_python_serves_where_no_version_is_asked_for():
    for wanted in ("", "latest", "3.x", HERE, f"python{HERE}"):
        found = toolchain.python(wanted)
        assert (found.version, found.exact, found.note("x")) == (HERE, True, "")


def test_a_version_that_is_not_here_is_named_in_the_note():
    assert toolchain.python("3.98").note("build of shop") == (
        f"build of shop asked for python 3.98, ran on python {HERE}"
    )
    assert not toolchain.python("2.7").exact


def test_a_shim_that_stands_for_nothing_is_not_taken(tmp_path, monkeypatch):
    toolchain.launch(tmp_path / "python3.97", "echo 'python3.97: command not found' >&2; exit 127")
    toolchain.launch(tmp_path / "python3.96", f"exec {sys.executable} \"$@\"")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert not toolchain.python("3.97").exact
    assert not toolchain.python("3.96").exact  # it runs, but is another version


def test_an_environment_has_pip_and_setuptools_that_a_build_cannot_remove_for_others(tmp_path, cache):
    first, second = tmp_path / "first", tmp_path / "second"
    toolchain.make_python(toolchain.python(), first, cache)
    done = subprocess.run(
        [first / "bin/pip", "uninstall", "--yes", "setuptools"], capture_output=True, text=True, check=False
    )
    assert "outside environment" in done.stdout + done.stderr
    toolchain.make_python(toolchain.python(), second, cache)
    listed = subprocess.run([second / "bin/pip", "list"], capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in listed.splitlines()[2:]} == {"pip", "setuptools"}


def test_what_pip_installs_for_the_user_goes_into_the_environment(tmp_path, cache):
    made = tmp_path / "made"
    toolchain.make_python(toolchain.python(), made, cache)
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/pyproject.toml").write_text('[project]\nname = "thing"\nversion = "1"\n')
    (tmp_path / "thing/thing.py").write_text("")
    install = ["install", "--user", "--no-index", "--no-build-isolation", "--no-deps", str(tmp_path / "thing")]
    done = subprocess.run([made / "bin/pip3", *install], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([made / "bin/python", "-c", "import thing"], check=False).returncode == 0


def test_a_command_kept_from_builds_says_why(tmp_path):
    toolchain.write_absent(tmp_path, "docker", "there is 'none' here")
    done = subprocess.run([tmp_path / "docker", "build"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (127, "docker: not found (there is 'none' here)\n")
