"""No process outlives the one that wanted it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crossdock.local import keeper
from crossdock.local.processes import Process

ENV = {"PATH": os.defpath}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the process tree is known from /proc")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if sys.platform != "linux":
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    """Whether it is gone within some seconds."""
    end = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def sh(script: str, tmp_path: Path, **options: bool) -> Process:
    return Process(["/bin/sh", "-c", script], env=ENV, cwd=tmp_path, **options)


@pytest.mark.parametrize("status", [0, 1, 42])
def test_the_exit_status_is_the_commands(tmp_path, status):
    with sh(f"exit {status}", tmp_path) as process:
        assert process.wait(10) == status


def test_a_signal_reports_128_and_its_number(tmp_path):
    with sh("kill -9 $$", tmp_path) as process:
        assert process.wait(10) == 137


def test_a_missing_command_reports_127_and_says_so(tmp_path):
    with Process(["no-such-command"], env=ENV, cwd=tmp_path) as process:
        assert process.wait(10) == 127
        assert b"no-such-command: No such file" in process.output.read()


def test_output_and_input_pass_through(tmp_path):
    with sh("read line; echo got $line; echo and >&2", tmp_path, stdin=True) as process:
        process.stdin.write(b"this\n")
        process.stdin.close()
        assert process.output.read() == b"got this\nand\n"


def test_nothing_of_our_environment_or_descriptors_reaches_the_command(tmp_path):
    with Process(["/bin/sh", "-c", "env; ls /proc/self/fd || :"], env={"ONLY": "this"}, cwd=tmp_path) as process:
        lines = process.output.read().decode().split()
    assert "ONLY=this" in lines
    assert not [line for line in lines if line.startswith("HOME=")]
    assert {line for line in lines if line.isdigit()} <= {"0", "1", "2", "3"}  # 3: the directory that ls reads


def test_terminate_lets_the_command_clean_up(tmp_path):
    with sh("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done", tmp_path) as process:
        assert process.output.readline() == b"ready\n"
        assert process.terminate(grace=10) == 3
        assert process.output.read().endswith(b"bye\n")


def test_terminate_right_after_the_start_ends_it_too(tmp_path):
    for _ in range(5):
        with sh("sleep 60", tmp_path) as process:
            assert process.terminate(grace=10) == 143


def test_a_command_that_ignores_termination_is_killed(tmp_path):
    with sh("trap '' TERM; echo $$; while :; do sleep 0.05; done", tmp_path) as process:
        pid = int(process.output.readline())
        assert process.terminate(grace=0.1) == 137
        assert ends(pid)


def test_background_processes_end_with_the_command(tmp_path):
    with sh("sleep 60 & echo $!", tmp_path) as process:
        pid = int(process.output.readline())
        assert process.wait(10) == 0
        assert ends(pid)


SETSID = f"""{sys.executable} -c '
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
' ; echo forked; sleep 60"""


@LINUX
def test_a_grandchild_that_left_the_session_dies_with_the_tree(tmp_path):
    with sh(SETSID, tmp_path) as process:
        pid = next(int(line) for line in process.output if line.strip().isdigit())
        assert alive(pid)
        process.kill()
        assert process.wait(10) == 137
    assert ends(pid)


@LINUX
def test_a_parent_killed_by_sigkill_leaves_no_process(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from crossdock.local.processes import Process\n"
        f"p = Process(['/bin/sh', '-c', {SETSID!r}], env={ENV!r}, cwd=Path('.'))\n"
        "print(p.pid, flush=True)\n"
        "for line in p.output: print(line.decode().strip(), flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path) as parent:
        assert parent.stdout
        pids = [int(parent.stdout.readline())]
        while len(pids) < 2:
            line = parent.stdout.readline().strip()
            pids += [int(line)] if line.isdigit() else []
        pids += keeper.descendants(pids[0])
        assert len(set(pids)) >= 3
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    assert all(ends(pid) for pid in pids)


def test_without_proc_the_process_group_dies(tmp_path):
    """The way of macOS: no list of processes, so the group is what is known."""
    assert keeper.descendants(os.getpid(), str(tmp_path / "absent")) == []
    program = (
        f"import sys; sys.path.insert(0, {str(Path(keeper.__file__).parent)!r}); import os, keeper\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.setpgid(0, 0)\n"
        "    os.execv('/bin/sh', ['sh', '-c', 'sleep 60 & echo $!; sleep 60'])\n"
        "sys.stdin.readline()\n"
        "keeper.end_all(child, '/nonexistent')\n"
        "print('ended', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdin
        pid = int(process.stdout.readline())
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.stdout.readline() == b"ended\n"
        assert ends(pid)
