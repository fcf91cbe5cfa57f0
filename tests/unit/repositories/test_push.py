"""Real git against the engine: clone, push, fetch, and the events that follow (rule S4)."""

import gzip
from typing import Any

from crossdock.local.engine import HttpRequest
from crossdock.local.identity import ANONYMOUS, Caller, Kind


def test_a_pushed_branch_can_be_cloned(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    commit = codecommit.commit()
    codecommit.git("push", "-q", codecommit.url(), "develop")
    codecommit.git("clone", "-q", codecommit.url(), "copy")
    assert codecommit.git("-C", "copy", "rev-parse", "HEAD") == commit
    assert codecommit("GetBranch", repositoryName="hello", branchName="develop")["branch"]["commitId"] == commit


def test_s4_a_push_tells_the_bus_which_reference_moved_from_where_to_where(codecommit: Any) -> None:
    metadata = codecommit("CreateRepository", repositoryName="hello")["repositoryMetadata"]
    first = codecommit.commit("one")
    codecommit.git("push", "-q", codecommit.url(), "develop")
    second = codecommit.commit("two")
    codecommit.git("push", "-q", codecommit.url(), "develop")
    created, updated = codecommit.world.events
    assert created["source"] == "aws.codecommit"
    assert created["detail_type"] == "CodeCommit Repository State Change"
    assert created["resources"] == [metadata["Arn"]]
    assert created["detail"] == {
        "event": "referenceCreated", "repositoryName": "hello", "repositoryId": metadata["repositoryId"],
        "referenceType": "branch", "referenceName": "develop", "referenceFullName": "refs/heads/develop",
        "callerUserArn": "arn:aws:iam::111111111111:user/alice", "commitId": first,
    }
    assert updated["detail"]["event"] == "referenceUpdated"
    assert (updated["detail"]["oldCommitId"], updated["detail"]["commitId"]) == (first, second)


def test_a_force_push_is_one_update(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit.commit("one")
    codecommit.git("push", "-q", codecommit.url(), "develop")
    codecommit.git("commit", "-q", "--amend", "-m", "other")
    amended = codecommit.git("rev-parse", "HEAD")
    codecommit.git("push", "-q", codecommit.url(), "develop", ok=False)
    codecommit.git("push", "-q", "--force", codecommit.url(), "develop")
    assert [e["detail"]["event"] for e in codecommit.world.events] == ["referenceCreated", "referenceUpdated"]
    assert codecommit.world.events[-1]["detail"]["commitId"] == amended


def test_branches_and_tags_are_created_and_deleted_by_a_push(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    commit = codecommit.commit()
    codecommit.git("tag", "-a", "v1", "-m", "first")
    codecommit.git("push", "-q", codecommit.url(), "develop", "develop:feature/x", "v1")
    codecommit.git("push", "-q", codecommit.url(), ":feature/x", ":refs/tags/v1")
    told = [(e["detail"]["event"], e["detail"]["referenceType"], e["detail"]["referenceName"])
            for e in codecommit.world.events]
    assert sorted(told) == [
        ("referenceCreated", "branch", "develop"), ("referenceCreated", "branch", "feature/x"),
        ("referenceCreated", "tag", "v1"), ("referenceDeleted", "branch", "feature/x"),
        ("referenceDeleted", "tag", "v1"),
    ]
    assert {e["detail"].get("commitId", commit) for e in codecommit.world.events} == {commit}


def test_the_first_push_sets_the_default_branch(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    assert "defaultBranch" not in codecommit("GetRepository", repositoryName="hello")["repositoryMetadata"]
    codecommit.commit()
    codecommit.git("push", "-q", codecommit.url(), "develop")
    codecommit.git("push", "-q", codecommit.url(), "develop:another")
    assert codecommit("GetRepository", repositoryName="hello")["repositoryMetadata"]["defaultBranch"] == "develop"


def test_an_empty_repository_can_be_cloned(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit.git("clone", "-q", codecommit.url(), "copy")
    assert codecommit.git("-C", "copy", "branch", "--list") == ""


def test_every_protocol_version_fetches(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit.commit()
    codecommit.git("push", "-q", codecommit.url(), "develop")
    for version in ("0", "1", "2"):
        listed = codecommit.git("-c", f"protocol.version={version}", "ls-remote", codecommit.url())
        assert "refs/heads/develop" in listed
        codecommit.git("-c", f"protocol.version={version}", "clone", "-q", codecommit.url(), f"copy{version}")


def test_a_large_push_arrives_whole(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    commit = codecommit.commit("".join(f"{n * 7919 % 104729}\n" for n in range(400_000)))
    codecommit.git("-c", "http.postBuffer=65536", "push", "-q", codecommit.url(), "develop")
    assert codecommit("GetBranch", repositoryName="hello", branchName="develop")["branch"]["commitId"] == commit


def test_pull_is_asked_for_on_fetch_and_push_for_each_reference(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit.commit()
    codecommit.git("push", "-q", codecommit.url(), "develop", "develop:other")
    assert codecommit.world.asked == [
        ("codecommit:GitPush", {}),
        ("codecommit:GitPush", {"codecommit:References": "refs/heads/develop"}),
        ("codecommit:GitPush", {"codecommit:References": "refs/heads/other"}),
    ]
    codecommit.world.asked.clear()
    codecommit.git("ls-remote", "-q", codecommit.url())
    assert {action for action, _ in codecommit.world.asked} == {"codecommit:GitPull"}


def test_a_push_to_a_protected_branch_is_denied_in_iam_s_words_and_moves_nothing(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    codecommit.commit()
    codecommit.world.denied.add(("codecommit:GitPush", "refs/heads/main"))
    codecommit.git("push", "-q", codecommit.url(), "develop", "develop:main", ok=False)
    assert codecommit("ListBranches", repositoryName="hello")["branches"] == []
    codecommit.world.denied.add(("codecommit:GitPull", ""))
    said = codecommit.git("ls-remote", codecommit.url(), ok=False)
    assert "arn:aws:iam::111111111111:user/alice is not authorized to perform: codecommit:GitPull" in said


def test_anonymous_callers_are_asked_for_credentials(codecommit: Any) -> None:
    request = HttpRequest(
        method="GET", path="/hello/info/refs", query="service=git-upload-pack", headers={}, body=b"", caller=ANONYMOUS
    )
    response = codecommit.engine.http(request)
    assert response.status == 401
    assert response.headers["www-authenticate"] == 'Basic realm="codecommit"'


def test_another_account_s_caller_does_not_find_the_repository(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    stranger = Caller(kind=Kind.USER, arn="arn:aws:iam::222222222222:user/eve", account="222222222222")
    request = HttpRequest(
        method="GET", path="/hello/info/refs", query="service=git-upload-pack", headers={}, body=b"", caller=stranger
    )
    assert codecommit.engine.http(request).status == 404


def test_what_is_no_push_cannot_be_authorised_and_is_refused(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    for body in (b"zzzz", b"0009x", b"001fpush-cert\0 something more\n0000", gzip.compress(b"0003")):
        request = HttpRequest(
            method="POST", path="/hello/git-receive-pack", query="", body=body, caller=codecommit_caller(),
            headers={"content-encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {},
        )
        assert codecommit.engine.http(request).status == 400


def test_the_dumb_protocol_is_refused(codecommit: Any) -> None:
    codecommit("CreateRepository", repositoryName="hello")
    for path in ("/hello/HEAD", "/hello/info/refs", "/hello/../../etc/passwd", "/hello/objects/info/packs"):
        request = HttpRequest(method="GET", path=path, query="", headers={}, body=b"", caller=codecommit_caller())
        assert codecommit.engine.http(request).status == 404


def codecommit_caller() -> Caller:
    return Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/alice", account="111111111111")
