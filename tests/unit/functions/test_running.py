"""How functions run: what they see, how they end, what is kept and what is thrown away."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.functions.conftest import TRUST, Deploy, new_world, package

from crossdock.local.functions import Lambda, runtimes
from crossdock.local.functions.running import LIFE_SECONDS, Runner

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

HELLO = "def handler(event, context):\n    return {'hello': event['name']}\n"


@pytest.fixture(params=list(runtimes.Client), ids=lambda c: c.name)
def client(request: pytest.FixtureRequest, world: LocalWorld) -> Iterator[None]:
    """Each of the two runtime clients in turn."""
    runner(world).client = request.param
    yield
    runner(world).client = runtimes.Client.BEST


@pytest.fixture
def logged(world: LocalWorld, account: str) -> Callable[[], list[str]]:
    """What stands in the function's log group."""
    logs = world.client("logs", world.root_user(account))
    return lambda: [e["message"] for e in logs.filter_log_events(logGroupName="/aws/lambda/worker")["events"]]


@pytest.fixture
def running(world: LocalWorld, account: str) -> Callable[[], int]:
    """How many environments the account has."""
    return lambda: sum(warm.role.account == account for warm in runner(world)._all)


def runner(world: LocalWorld) -> Runner:
    engine = world.engine("lambda")
    assert isinstance(engine, Lambda)
    return engine.runner


def ask(functions: Any, event: Any = None, name: str = "worker", **more: Any) -> tuple[Any, str]:
    """(answer, FunctionError) of one invocation."""
    said = functions.invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return json.loads(said["Payload"].read()), said.get("FunctionError", "")


def test_a_function_answers_and_is_told_about_itself(
    client: None, deploy: Deploy, functions: Any, account: str
) -> None:
    deploy("""
import os
def handler(event, context):
    return {"event": event, "arn": context.invoked_function_arn, "name": context.function_name,
            "version": context.function_version, "left": context.get_remaining_time_in_millis(),
            "group": context.log_group_name, "custom": context.client_context.custom, "mine": os.environ["MINE"],
            "region": os.environ["AWS_REGION"], "identity": context.identity.cognito_identity_id}
""", Timeout=5, Environment={"Variables": {"MINE": "yes"}})
    context = base64.b64encode(json.dumps({"custom": {"a": 1}}).encode()).decode()
    answer, error = ask(functions, {"n": 1}, ClientContext=context)
    assert error == ""
    assert 0 < answer.pop("left") <= 5000
    assert answer == {
        "event": {"n": 1}, "arn": f"arn:aws:lambda:us-east-1:{account}:function:worker", "name": "worker",
        "version": "$LATEST", "group": "/aws/lambda/worker", "custom": {"a": 1}, "mine": "yes", "region": "us-east-1",
        "identity": None}


def test_a_handler_that_raises_says_so_in_answer_and_log(
    client: None, deploy: Deploy, functions: Any, logged: Callable[[], list[str]]
) -> None:
    deploy("def inner():\n    raise ValueError('no such thing')\ndef handler(event, context):\n    inner()\n")
    answer, error = ask(functions)
    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no such thing")
    assert len(answer["stackTrace"]) == 2
    said = next(line for line in logged() if line.startswith("[ERROR]"))
    assert said.startswith("[ERROR] ValueError: no such thing\nTraceback (most recent call last):\n")
    assert "app.py" in said


def test_the_environment_survives_a_handler_that_raises(
    client: None, deploy: Deploy, functions: Any
) -> None:
    deploy("n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n if event else 1 / 0\n")
    assert ask(functions, 1)[0] == 1
    assert ask(functions, 0)[1] == "Unhandled"
    assert ask(functions, 1)[0] == 3


@pytest.mark.parametrize(("source", "handler", "kind", "message"), [
    ("import nowhere_at_all", "app.handler", "Runtime.ImportModuleError",
     "Unable to import module 'app': No module named 'nowhere_at_all'"),
    ("def handler(", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
    ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
    ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler': "),
    ("raise KeyError('TABLE')", "app.handler", "KeyError", "'TABLE'"),
])
def test_a_package_that_does_not_load_is_named(
    client: None, deploy: Deploy, functions: Any, source: str, handler: str, kind: str, message: str
) -> None:
    deploy(source, Handler=handler)
    answer, error = ask(functions)
    assert error == "Unhandled"
    assert answer["errorType"] == kind
    assert answer["errorMessage"].startswith(message)


def test_an_exit_ends_the_environment_and_the_next_event_gets_a_new_one(
    client: None, deploy: Deploy, functions: Any
) -> None:
    deploy("import sys\ndef handler(event, context):\n    sys.exit(3) if event else None\n    return 'alive'\n")
    answer, error = ask(functions, 1)
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert ask(functions, 0) == ("alive", "")


def test_an_exit_while_loading_is_an_answer_too(client: None, deploy: Deploy, functions: Any) -> None:
    deploy("import os\nos._exit(0)")
    answer, error = ask(functions)
    assert (answer["errorType"], error) == ("Runtime.ExitError", "Unhandled")
    assert answer["errorMessage"].endswith("Runtime exited without providing a reason")


def test_an_answer_that_is_no_json_is_an_error(client: None, deploy: Deploy, functions: Any) -> None:
    deploy("def handler(event, context):\n    return {1, 2}\n")
    assert ask(functions)[0]["errorType"] == "Runtime.MarshalError"


def test_a_function_is_ended_at_its_timeout(
    client: None, deploy: Deploy, functions: Any, logged: Callable[[], list[str]], running: Callable[[], int]
) -> None:
    deploy("import time\ndef handler(event, context):\n    print('begun')\n    time.sleep(60)\n", Timeout=1)
    answer, error = ask(functions)
    assert error == "Unhandled"
    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert not running()
    assert any("Task timed out after 1.00 seconds" in line for line in logged())
    assert "begun\n" in logged()


def test_what_a_function_writes_arrives_in_its_log_between_start_and_report(
    client: None, deploy: Deploy, functions: Any, logged: Callable[[], list[str]]
) -> None:
    deploy("import logging\ndef handler(event, context):\n    print('one')\n    logging.warning('two')\n")
    said = functions.invoke(FunctionName="worker", LogType="Tail")
    lines = [line.rstrip("\n") for line in logged()]
    start, one, two, end, report = lines
    assert start.startswith("START RequestId: ")
    assert start.endswith(" Version: $LATEST")
    assert one == "one"
    assert two.startswith("[WARNING]\t")
    assert two.endswith("\ttwo")
    assert start.split()[2] in two
    assert end.startswith("END RequestId: ")
    assert report.startswith("REPORT RequestId: ")
    assert "Init Duration: " in report
    assert base64.b64decode(said["LogResult"]).decode().splitlines() == lines


def test_nothing_of_the_environment_that_crossdock_runs_in_can_be_imported(
    client: None, deploy: Deploy, functions: Any
) -> None:
    deploy("""
import importlib.util, os
def handler(event, context):
    return {name: importlib.util.find_spec(name) is not None for name in event} | {"secret": os.environ.get("SECRET")}
""")
    os.environ["SECRET"] = "of the parent"
    try:
        answer, _ = ask(functions, ["crossdock", "moto", "yaml", "pytest", "boto3", "botocore"])
    finally:
        del os.environ["SECRET"]
    assert answer == {"crossdock": False, "moto": False, "yaml": False, "pytest": False, "boto3": True,
                      "botocore": True, "secret": None}


def test_the_package_may_bring_its_own_modules_and_a_path(
    client: None, functions: Any, role: str
) -> None:
    app = "import lib\ndef handler(event, context):\n    return lib.x\n"
    code = package({"src/app.py": app, "deps/lib.py": "x = 7"})
    functions.create_function(FunctionName="worker", Runtime="python3.11", Handler="src/app.handler", Role=role,
                              Code={"ZipFile": code}, Environment={"Variables": {"PYTHONPATH": "deps"}})
    assert ask(functions) == (7, "")


def test_an_environment_is_used_again(deploy: Deploy, functions: Any, running: Callable[[], int]) -> None:
    deploy("import os\ndef handler(event, context):\n    return os.getpid()\n")
    assert ask(functions) == ask(functions)
    assert running() == 1


def test_an_environment_whose_credentials_grow_old_is_replaced(
    deploy: Deploy, functions: Any, world: LocalWorld, running: Callable[[], int]
) -> None:
    deploy("import os\ndef handler(event, context):\n    return os.environ['AWS_ACCESS_KEY_ID']\n")
    first = ask(functions)
    runner(world).life = 0.0
    assert ask(functions) != first
    runner(world).life = LIFE_SECONDS
    assert running() == 1


def test_new_code_ends_the_environments_of_the_old(deploy: Deploy, functions: Any, running: Callable[[], int]) -> None:
    deploy(HELLO)
    assert ask(functions, {"name": "a"})[0] == {"hello": "a"}
    functions.update_function_code(FunctionName="worker", ZipFile=package({"app.py": HELLO.replace("hello", "bye")}))
    assert not running()
    assert ask(functions, {"name": "a"})[0] == {"bye": "a"}


def test_new_settings_end_the_environments_of_the_old(deploy: Deploy, functions: Any) -> None:
    deploy("import os\ndef handler(event, context):\n    return os.environ.get('X')\n")
    assert ask(functions)[0] is None
    functions.update_function_configuration(FunctionName="worker", Environment={"Variables": {"X1": "a", "XY": "b"}})
    functions.update_function_configuration(FunctionName="worker", Handler="app.handler")
    assert functions.get_function_configuration(FunctionName="worker")["Environment"]["Variables"] == \
        {"X1": "a", "XY": "b"}


def test_an_environment_that_is_busy_during_an_update_takes_no_event_after_it(
    deploy: Deploy, functions: Any, running: Callable[[], int]
) -> None:
    deploy("import time\ndef handler(event, context):\n    time.sleep(0.4)\n    return 'old'\n")
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(ask(functions)[0]))
    thread.start()
    while not running():
        time.sleep(0.01)
    functions.update_function_code(FunctionName="worker",
                                   ZipFile=package({"app.py": "def handler(event, context):\n    return 'new'\n"}))
    thread.join()
    assert answers == ["old"]
    assert not running()
    assert ask(functions)[0] == "new"


def test_two_events_at_once_get_two_environments(deploy: Deploy, functions: Any, running: Callable[[], int]) -> None:
    deploy("import os, time\ndef handler(event, context):\n    time.sleep(0.3)\n    return os.getpid()\n")
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(functions)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 2
    assert running() == 2


def test_reserved_concurrency_is_a_limit(deploy: Deploy, functions: Any) -> None:
    deploy(HELLO)
    functions.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        ask(functions)
    functions.delete_function_concurrency(FunctionName="worker")
    assert ask(functions, {"name": "b"})[0] == {"hello": "b"}


def test_an_asynchronous_event_is_tried_three_times_and_its_loss_is_said(
    deploy: Deploy, functions: Any, world: LocalWorld, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr("crossdock.local.functions.engine.RETRY_SECONDS", (0.0, 0.0))
    deploy("def handler(event, context):\n    raise SystemExit\n")
    assert functions.invoke(FunctionName="worker", InvocationType="Event")["Payload"].read() == b""
    end = time.monotonic() + 20
    while not any("failed three times" in s for s in world._substitutions):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert len([line for line in logged() if line.startswith("START")]) == 3


def test_stopping_leaves_no_process(tmp_path: Path, account: str) -> None:
    world = new_world(tmp_path / "other")
    iam = world.client("iam", world.root_user(account))
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    functions = world.client("lambda", world.root_user(account))
    source = "import os, subprocess\ndef handler(event, context):\n" \
             "    return [os.getpid(), subprocess.Popen(['sleep', '600']).pid]\n"
    functions.create_function(FunctionName="worker", Runtime="python3.11", Handler="app.handler", Role=role,
                              Code={"ZipFile": package({"app.py": source})})
    pids = ask(functions)[0]
    assert all(alive(pid) for pid in pids)
    world.engine("lambda").stop()
    assert not any(alive(pid) for pid in pids)
    with pytest.raises(ClientError, match="going down"):
        ask(functions)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_logs_that_the_role_may_not_write_are_lost_and_that_is_said(
    deploy: Deploy, functions: Any, world: LocalWorld, account: str
) -> None:
    iam = world.client("iam", world.root_user(account))
    mute = iam.create_role(RoleName="mute", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    deploy(HELLO, FunctionName="mute", Role=mute)
    assert ask(functions, {"name": "c"}, name="mute")[0] == {"hello": "c"}
    assert any(s.startswith("logs of function mute were lost: ") for s in world._substitutions)


def test_another_python_is_named_among_the_substitutions(deploy: Deploy, functions: Any, world: LocalWorld) -> None:
    runner(world).client = runtimes.Client.OWN
    deploy(HELLO, FunctionName="elsewhere")
    ask(functions, {"name": "d"}, name="elsewhere")
    runner(world).client = runtimes.Client.BEST
    assert "function elsewhere ran on a runtime client of crossdock's, not on awslambdaric" in \
        world._substitutions
