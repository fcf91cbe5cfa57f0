"""What the store keeps in an order is found by going through it after a restart, not only by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crossdock.local.server import LocalWorld

ACCOUNT = "111111111111"


def world(root: Path) -> LocalWorld:
    made = LocalWorld(root, accounts={ACCOUNT: "shared"}, management=ACCOUNT, region="us-east-1",
                      organization="o-a1b2c3d4e5", endpoint="http://127.0.0.1:40000", keep=True)
    made.resume()
    return made


def topics(sns: Any) -> list[str]:
    return [topic["TopicArn"].rpartition(":")[2] for topic in sns.list_topics()["Topics"]]


def test_topics_are_listed_after_a_restart_and_go_for_good(tmp_path: Path) -> None:
    first = world(tmp_path / "state")
    sns = first.client("sns", first.root_user(ACCOUNT))
    for name in ("one", "two"):
        sns.create_topic(Name=name)
    first.stop()
    again = world(tmp_path / "state")
    sns = again.client("sns", again.root_user(ACCOUNT))
    assert topics(sns) == ["one", "two"]
    sns.delete_topic(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:one")
    assert topics(sns) == ["two"]
    assert not again.holds(f"arn:aws:sns:us-east-1:{ACCOUNT}:one")
    again.stop()
