"""Functions of Node.js, where this machine has it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossdock.local import toolchain
from crossdock.local.functions import node_sdk

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

pytestmark = pytest.mark.skipif(toolchain.node() is None, reason="no Node.js on this machine")


@pytest.fixture
def run(world: LocalWorld, account: str, role: str) -> Any:
    """Make a function of these files and invoke it: its answer, and whether it failed."""
    functions = world.client("lambda", world.root_user(account))

    def ran(name: str, files: dict[str, str], event: Any = None, handler: str = "index.handler") -> tuple[Any, bool]:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        functions.create_function(FunctionName=name, Runtime="nodejs22.x", Handler=handler, Role=role,
                                  Code={"ZipFile": held.getvalue()}, Environment={"Variables": {"NAME": "set"}})
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    return ran


@pytest.mark.parametrize(("name", "files", "handler"), [
    ("promise", {"index.js": "exports.handler = async (e) => ({ got: e, env: process.env.NAME });"}, "index.handler"),
    ("callback", {"src/app.js": "exports.go = (e, c, done) => setTimeout(() => done(null, {got: e, env: 'set'}), 5);"},
     "src/app.go"),
    ("module", {"index.mjs": "export const handler = async (e) => ({ got: e, env: process.env.NAME });"},
     "index.handler"),
    ("typed", {"index.js": "export const handler = async (e) => ({ got: e, env: process.env.NAME });",
               "package.json": '{"type": "module"}'}, "index.handler"),
])
def test_a_handler_answers_in_each_of_its_ways(run: Any, name: str, files: dict[str, str], handler: str) -> None:
    assert run(name, files, {"a": 1}, handler) == ({"got": {"a": 1}, "env": "set"}, False)


def test_an_error_has_its_type_and_message(run: Any) -> None:
    told, failed = run("raises", {"index.js": "exports.handler = async () => { throw new TypeError('on purpose'); };"})
    assert failed
    assert (told["errorType"], told["errorMessage"]) == ("TypeError", "on purpose")


@pytest.mark.parametrize(("name", "code", "kind", "said"), [
    ("lost", "require('not-there');", "Runtime.ImportModuleError", "not-there"),
    ("sdk", "require('@aws-sdk/' + 'client-nothing');", "NotEmulated", "does not emulate the AWS SDK"),
    ("bare", "exports.other = 1;", "Runtime.HandlerNotFound", "is undefined or not exported"),
])
def test_what_cannot_be_loaded_is_told(run: Any, name: str, code: str, kind: str, said: str) -> None:
    told, failed = run(name, {"index.js": code})
    assert failed
    assert told["errorType"] == kind
    assert said in told["errorMessage"]


def test_a_second_event_finds_the_process_warm(run: Any, world: LocalWorld, account: str) -> None:
    code = "let n = 0; console.log('begins'); exports.handler = async () => { console.log('runs', n); return ++n; };"
    assert run("warm", {"index.js": code})[0] == 1
    functions = world.client("lambda", world.root_user(account))
    answer = functions.invoke(FunctionName="warm", LogType="Tail")
    assert json.loads(answer["Payload"].read()) == 2


def test_the_sdk_that_a_function_imports_is_found_beside_it(tmp_path: Path) -> None:
    """What it brings itself isn't looked for; without npm, what is missing stays missing."""
    task, cache = tmp_path / "task", tmp_path / "cache"
    (cache / "node-sdk/node_modules/@aws-sdk/client-s3").mkdir(parents=True)
    task.mkdir()
    (task / "index.mjs").write_text('import { S3Client } from "@aws-sdk/client-s3";\n')
    assert node_sdk.provided(task, (), cache) == cache / "node-sdk"
    (task / "node_modules/@aws-sdk/client-s3").mkdir(parents=True)
    assert node_sdk.provided(task, (), cache) is None
