"""A small program that starts a command and kills everything below it when its parent goes away.

Usage: keeper.py FD COMMAND...   FD is the read end of a pipe that the parent keeps open. Run with `python -I -S`.

On Linux it adopts orphans (PR_SET_CHILD_SUBREAPER), so a grandchild that left its session or was forked twice is still
found below it. Elsewhere all that is known is the process group of the command: what leaves the group escapes.
"""

import ctypes
import os
import select
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
ROUNDS, PAUSE = 100, 0.02
"""How often, and how far apart in seconds, the tree is swept for processes forked while it was being killed."""


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants(root: int, proc: str = "/proc") -> list[int]:
    """All processes below `root`, read from `proc`; none where there is no such file system."""
    children: dict[int, list[int]] = {}
    try:
        pids = [int(name) for name in os.listdir(proc) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []
    for pid in pids:
        try:
            with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123  no imports
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(pid)
    found, queue = [], list(children.get(root, ()))
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue.extend(children.get(pid, ()))
    return found


def _signal(send: object, target: int, number: int) -> None:
    """Send, where there is still somebody to send to. EPERM is macOS's word for a group of zombies."""
    try:  # noqa: SIM105  few imports: this starts with every child
        send(target, number)  # type: ignore[operator]
    except (ProcessLookupError, PermissionError):
        pass


def end_all(child: int, proc: str = "/proc") -> None:
    """SIGKILL to every descendant, sweeping until none is left to reap."""
    for _ in range(ROUNDS):
        targets = descendants(os.getpid(), proc)
        _signal(os.killpg, child, signal.SIGKILL)
        for pid in targets:
            _signal(os.kill, pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        select.select([], [], [], PAUSE)


def _become(argv: list[str], alive: int) -> None:
    """In the forked child: turn into the command, with signals as a fresh process has them."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.close(alive)
    try:
        os.execvpe(argv[0], argv, os.environ)  # noqa: S606
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(126 if isinstance(error, PermissionError) else 127)


def main() -> int:
    """The command's exit status; 128 + N when signal N ended it; 137 when the parent went away."""
    alive, argv = int(sys.argv[1]), sys.argv[2:]
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    child = 0
    early: list[int] = []

    def forward(number: int, _frame: object) -> None:
        if child:
            _signal(os.killpg, child, number)
        else:
            early.append(number)

    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        _become(argv, alive)
    try:  # noqa: SIM105
        os.setpgid(child, child)
    except (PermissionError, ProcessLookupError):
        pass  # it did so itself, and has become the command or ended since
    for number in early:
        forward(number, None)
    while True:
        ready, _, _ = select.select([alive, wake_read], [], [], 1.0)
        if alive in ready:
            end_all(child)
            return 137
        if wake_read in ready:
            os.read(wake_read, 512)
        pid, status = 1, 0
        while pid:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 1
            if pid == child:
                end_all(child)
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
