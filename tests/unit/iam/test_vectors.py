"""Decisions with expected results, gathered from documentation and from other projects' tests.

The file lies outside the repository: in the environment variable CROSSDOCK_VECTORS, or in `shared/vectors/` beside it.
"""

import json
import os
from pathlib import Path

import pytest

from crossdock.errors import PolicyError
from crossdock.iam.__main__ import main
from crossdock.iam.vectors import decide_line

FILE = Path(os.environ.get("CROSSDOCK_VECTORS") or Path(__file__).parents[4] / "shared/vectors/iam.jsonl")
RECORDS = [json.loads(line) for line in FILE.read_text().splitlines() if line.strip()] if FILE.is_file() else []
CERTAIN = [record for record in RECORDS if record["confidence"] == "high"]


@pytest.mark.skipif(not RECORDS, reason="no vectors beside the repository")
def test_every_certain_vector_is_decided_as_expected():
    wrong = []
    for record in CERTAIN:
        decision, expected = decide_line(record)["decision"], record["expected"]
        if record["attested"] == "allow-or-not":
            decision, expected = decision == "allowed", expected == "allowed"
        if decision != expected:
            wrong.append((record["id"], record["description"], decision, expected))
    assert wrong == []


RECORD = {
    "id": "one",
    "request": {
        "principal": "arn:aws:iam::222222222222:user/eve", "principal_type": "user",
        "principal_account": "222222222222", "action": "kms:Decrypt",
        "resource": "arn:aws:kms:eu-west-1:111111111111:key/k", "resource_account": "111111111111", "context": {},
    },
    "identity_policies": [{"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}],
    "resource_policy": None,
    "scps": [[]],
    "kms_grants": [{"grantee_principal": "arn:aws:iam::222222222222:user/eve", "operations": ["Decrypt"]}],
}  # fmt: skip


def test_a_record_becomes_a_decision_with_its_reasons():
    assert decide_line(RECORD) == {
        "id": "one",
        "decision": "implicit_deny",
        "because": [],
        "missing": [{"kind": "scp", "account": "222222222222", "level": 0}],
    }
    assert decide_line(RECORD | {"scps": []}) == {
        "id": "one",
        "decision": "allowed",
        "because": [
            {"kind": "identity", "policy": "identity-based policy 1", "statement": "statement 1", "effect": "Allow"},
            {"kind": "grant", "policy": "", "statement": "grant 1", "effect": "Allow"},
        ],
        "missing": [],
    }


def test_a_record_may_name_unknown_keys():
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a:b": "true"}}}
    record = RECORD | {"scps": [], "permission_boundary": {"Statement": [deny]}, "unknown_keys": ["a:b"]}
    allow = {"permission_boundary": {"Statement": [deny | {"Effect": "Allow"}]}}
    assert decide_line(record | allow)["decision"] == "unknown"
    assert decide_line(record)["decision"] == "implicit_deny"


def test_a_record_with_a_malformed_policy_is_refused_by_name():
    with pytest.raises(PolicyError, match="permissions boundary: statement 1"):
        decide_line(RECORD | {"permission_boundary": {"Statement": [{"Effect": "Allow"}]}})


def test_a_file_of_records_is_decided_line_by_line(tmp_path, capsys):
    malformed = RECORD | {"id": "two", "permission_boundary": {"Statement": "no"}}
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(RECORD)}\n\n{json.dumps(malformed)}\n")
    assert main([str(file)]) == 2
    one, two = map(json.loads, capsys.readouterr().out.splitlines())
    assert one["decision"] == "implicit_deny"
    assert two == {"id": "two", "error": "malformed policy: permissions boundary: statement 1 is no object"}
