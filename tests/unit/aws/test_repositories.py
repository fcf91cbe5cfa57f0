from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from awscli.customizations.codecommit import CodeCommitGetCommand
from botocore.auth import SigV4Auth
from botocore.credentials import Credentials
from tests.unit.aws.fakes import Account, Cloud

from crossdock.aws.cloud import Keys
from crossdock.aws.git import Git
from crossdock.aws.repositories import git_environment, push

KEYS = Keys(access_key="AKIA1", secret_key="secret", token="token")
AT = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


class _Session:
    def get_credentials(self) -> Credentials:
        return Credentials(KEYS.access_key, KEYS.secret_key, KEYS.token)


def test_credentials_for_git_are_those_of_the_aws_clis_helper() -> None:
    url = "http://127.0.0.1:4566/v1/repos/hello-greeter"
    helper = CodeCommitGetCommand.__new__(CodeCommitGetCommand)
    helper._session = _Session()
    theirs = helper.sign_request("us-east-1", url)
    stamp = datetime.strptime(theirs.partition("Z")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    ours = git_environment(KEYS, url, "us-east-1", at=stamp)
    assert ours == {"CROSSDOCK_GIT_USERNAME": "AKIA1%token", "CROSSDOCK_GIT_PASSWORD": theirs}
    assert SigV4Auth  # the helper signs with the same


def test_git_reads_credentials_from_the_environment_only(tmp_path: Path) -> None:
    git = Git(tmp_path / "repository.git", tmp_path / "home")
    git("init", "--quiet", "--bare", str(git.directory))
    asked = subprocess.run(
        ["git", "credential", "fill"], input="protocol=http\nhost=127.0.0.1:1\npath=v1/repos/x\n\n", text=True,
        env=git._environment | git_environment(KEYS, "http://127.0.0.1:1/v1/repos/x", "us-east-1", at=AT),
        capture_output=True, check=True,
    ).stdout
    assert "username=AKIA1%token" in asked
    assert "password=20260131T120000Z" in asked
    assert "secret" not in (tmp_path / "home" / ".gitconfig").read_text()


class CodeCommit:
    """A repository that is a bare folder."""

    def __init__(self, bare: Path) -> None:
        self.bare = bare

    def get_repository(self, repositoryName: str) -> Any:  # noqa: N803
        return {"repositoryMetadata": {"cloneUrlHttp": str(self.bare)}}


def remote(tmp_path: Path) -> tuple[Account, Path]:
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    account = Account("111111111111", codecommit=CodeCommit(bare))
    account.keys = lambda: KEYS  # type: ignore[attr-defined]
    return account, bare


def pushed(tmp_path: Path, account: Account, source: Path) -> Any:
    return push(
        Cloud(), account, repository="r", branch="develop", source=source, work=tmp_path / "work"  # type: ignore[arg-type]
    )


def out(bare: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", f"--git-dir={bare}", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_plain_folder_becomes_a_commit_on_the_branch(tmp_path: Path) -> None:
    account, bare = remote(tmp_path)
    source = tmp_path / "greeter"
    (source / "__pycache__").mkdir(parents=True)
    (source / "app.py").write_text("print('a')\n")
    (source / "__pycache__" / "app.pyc").write_text("junk")
    (source / ".gitignore").write_text("secret.txt\n")
    (source / "secret.txt").write_text("s")
    result = pushed(tmp_path, account, source)
    assert result.changed
    assert out(bare, "rev-parse", "develop") == result.commit
    assert out(bare, "ls-tree", "-r", "--name-only", "develop").split() == [".gitignore", "app.py"]


def test_history_goes_on_and_unchanged_content_makes_no_commit(tmp_path: Path) -> None:
    account, bare = remote(tmp_path)
    source = tmp_path / "greeter"
    source.mkdir()
    (source / "app.py").write_text("1")
    first = pushed(tmp_path, account, source)
    assert pushed(tmp_path, account, source) == type(first)(
        repository="r", branch="develop", commit=first.commit, changed=False
    )
    (source / "app.py").write_text("2")
    second = pushed(tmp_path, account, source)
    assert out(bare, "rev-parse", "develop^") == first.commit
    assert out(bare, "show", "develop:app.py") == "2"
    assert second.changed


def test_a_repository_of_its_own_is_pushed_at_its_head(tmp_path: Path) -> None:
    account, bare = remote(tmp_path)
    source = tmp_path / "greeter"
    source.mkdir()
    (source / "app.py").write_text("1")
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "init", "--quiet", str(source)], check=True)
    subprocess.run(["git", "-C", str(source), "add", "."], check=True)
    subprocess.run(["git", "-C", str(source), *who, "commit", "--quiet", "-m", "first"], check=True)
    (source / "app.py").write_text("not committed")
    head = out(source / ".git", "rev-parse", "HEAD")
    assert pushed(tmp_path, account, source).commit == head
    assert out(bare, "show", "develop:app.py") == "1"
