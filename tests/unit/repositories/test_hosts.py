"""What stands in for repositories at git hosts, and connections to them."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller, Kind

ACCOUNT = "111111111111"
ALICE = Caller(kind=Kind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/alice", account=ACCOUNT)


def ask(codecommit: Any, operation: str, service: str = "codestar-connections", **params: Any) -> Any:
    return codecommit.hosts.handle(Call(
        service=service, operation=operation, params=params, caller=ALICE, account=ACCOUNT, region="eu-west-1",
        request_id="1"))


def address(codecommit: Any, name: str = "github.com/octo/hello") -> str:
    return str(codecommit.url(name, below="/v1/hosts"))


def test_the_first_push_makes_the_repository_and_it_can_be_cloned(codecommit: Any) -> None:
    commit = codecommit.commit()
    codecommit.git("push", "-q", address(codecommit), "HEAD:refs/heads/main")
    codecommit.git("clone", "-q", address(codecommit, "github.com/octo/hello.git"), "copy")
    assert codecommit.git("-C", "copy", "rev-parse", "HEAD") == commit
    assert codecommit.git("-C", "copy", "branch", "--show-current") == "main"


def test_a_push_tells_which_reference_moved_and_which_files_differ(codecommit: Any) -> None:
    first = codecommit.commit("one", "app.py")
    codecommit.git("push", "-q", address(codecommit), "HEAD:refs/heads/main")
    second = codecommit.commit("two", "docs.md")
    codecommit.git("push", "-q", address(codecommit), "HEAD:refs/heads/main", "HEAD:refs/tags/v1")
    codecommit.git("push", "-q", address(codecommit), ":refs/tags/v1")
    told = [(p.host, p.name, p.reference, p.before, p.after, p.files) for p in codecommit.world.pushes]
    assert told == [
        ("github.com", "octo/hello", "refs/heads/main", "", first, ("app.py",)),
        ("github.com", "octo/hello", "refs/heads/main", first, second, ("docs.md",)),
        ("github.com", "octo/hello", "refs/tags/v1", "", second, ("app.py", "docs.md")),
        ("github.com", "octo/hello", "refs/tags/v1", second, "", ()),
    ]
    assert codecommit.world.pushes[1].message == "say two"


def test_groups_of_gitlab_have_groups_within(codecommit: Any) -> None:
    codecommit.commit()
    codecommit.git("push", "-q", address(codecommit, "gitlab.com/group/inner/app"), "HEAD:refs/heads/main")
    assert codecommit.world.pushes[0].name == "group/inner/app"


def test_what_nobody_pushed_is_not_there_and_says_where_to_push(codecommit: Any) -> None:
    said = codecommit.git("clone", "-q", address(codecommit), "copy", ok=False)
    assert "not found" in said
    assert "push the repository to" in codecommit.hosts.lacking("github.com", "octo/hello")


def test_whoever_has_no_key_may_neither_read_nor_push(codecommit: Any) -> None:
    codecommit.commit()
    open_address = address(codecommit).replace("alice:secret@", "")
    assert "could not read Username" in codecommit.git("push", "-q", open_address, "HEAD:refs/heads/main", ok=False)
    assert codecommit.world.pushes == []


@pytest.mark.parametrize("name", ["github.com/hello", "github.com/../hello", "github.com/octo/.git"])
def test_addresses_that_no_host_has_are_refused(codecommit: Any, name: str) -> None:
    codecommit.commit()
    codecommit.git("push", "-q", address(codecommit, name), "HEAD:refs/heads/main", ok=False)
    assert codecommit.world.pushes == []


def test_a_connection_is_pending_until_a_person_completes_it(codecommit: Any) -> None:
    made = ask(codecommit, "CreateConnection", ConnectionName="octo", ProviderType="GitHub",
               Tags=[{"Key": "a", "Value": "b"}])
    shown = ask(codecommit, "GetConnection", ConnectionArn=made["ConnectionArn"])["Connection"]
    assert shown == {"ConnectionName": "octo", "ConnectionArn": made["ConnectionArn"], "ProviderType": "GitHub",
                     "OwnerAccountId": ACCOUNT, "ConnectionStatus": "PENDING"}
    assert ask(codecommit, "ListConnections", ProviderTypeFilter="Bitbucket")["Connections"] == []
    assert ask(codecommit, "ListConnections")["Connections"] == [shown]
    ask(codecommit, "TagResource", ResourceArn=made["ConnectionArn"], Tags=[{"Key": "c", "Value": "d"}])
    ask(codecommit, "UntagResource", ResourceArn=made["ConnectionArn"], TagKeys=["a"])
    assert codecommit.hosts.tags(made["ConnectionArn"]) == {"c": "d"}
    ask(codecommit, "DeleteConnection", ConnectionArn=made["ConnectionArn"])
    with pytest.raises(AwsError, match="not found"):
        ask(codecommit, "GetConnection", ConnectionArn=made["ConnectionArn"])


def test_the_newer_name_of_the_service_makes_arns_of_its_own(codecommit: Any) -> None:
    made = ask(codecommit, "CreateConnection", "codeconnections", ConnectionName="octo", ProviderType="GitHub")
    assert made["ConnectionArn"].startswith(f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/")


def test_an_installation_of_ones_own_is_reached_by_a_host(codecommit: Any) -> None:
    host = ask(codecommit, "CreateHost", Name="ours", ProviderType="GitHubEnterpriseServer",
               ProviderEndpoint="https://git.example.com")["HostArn"]
    made = ask(codecommit, "CreateConnection", ConnectionName="octo", HostArn=host)
    assert codecommit.hosts.connection(made["ConnectionArn"]).host == "git.example.com"
    with pytest.raises(AwsError, match="has connections"):
        ask(codecommit, "DeleteHost", HostArn=host)
    assert [one["Name"] for one in ask(codecommit, "ListHosts")["Hosts"]] == ["ours"]


@pytest.mark.parametrize("given", [
    {"ProviderType": "GitHubEnterpriseServer"}, {}, {"ProviderType": "GitHub", "HostArn": "arn:x"},
])
def test_a_connection_needs_a_provider_or_a_host(codecommit: Any, given: dict[str, str]) -> None:
    with pytest.raises(AwsError):
        ask(codecommit, "CreateConnection", ConnectionName="octo", **given)
