from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.aws.cloud import Cloud, on_loopback
from crossdock.aws.faults import code
from crossdock.errors import CloudError


def profile(tmp_path: Path, endpoint: str) -> Cloud:
    (tmp_path / "config").write_text(f"[profile rehearsal]\nregion = us-east-1\nendpoint_url = {endpoint}\n")
    (tmp_path / "credentials").write_text("[rehearsal]\naws_access_key_id = AKIA1\naws_secret_access_key = secret\n")
    return Cloud.from_profile(
        "rehearsal", config_file=tmp_path / "config", credentials_file=tmp_path / "credentials", region="us-east-1"
    )


def test_loopback_is_known_by_address_and_name() -> None:
    assert on_loopback("http://127.0.0.1:4566")
    assert on_loopback("http://localhost/x")
    assert on_loopback("http://[::1]:80")
    assert not on_loopback("https://sts.amazonaws.com")
    assert not on_loopback("http://127.0.0.1.example.org")


def test_an_api_is_reached_below_the_profiles_endpoint(tmp_path: Path) -> None:
    cloud = profile(tmp_path, "http://127.0.0.1:4566/")
    assert cloud.reachable("https://abc123.execute-api.us-east-1.amazonaws.com/live/hello") == (
        "http://127.0.0.1:4566/_aws/execute-api/abc123/live/hello"
    )


def test_a_profile_on_loopback_follows_to_no_other_host(tmp_path: Path) -> None:
    cloud = profile(tmp_path, "http://127.0.0.1:4566")
    with pytest.raises(CloudError, match="refused to follow"):
        cloud.reachable("https://example.org/hello")


def test_a_request_that_would_leave_loopback_is_not_sent(tmp_path: Path) -> None:
    cloud = profile(tmp_path, "http://127.0.0.1:4566")
    client = cloud._base.create_client("sts", region_name="us-east-1", endpoint_url="https://sts.example.org")
    with pytest.raises(CloudError, match="refused to follow"):
        client.get_caller_identity()


def test_the_environment_does_not_move_a_profile_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://elsewhere.example.org")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "https://elsewhere.example.org")
    cloud = profile(tmp_path, "http://127.0.0.1:4566")
    client = cloud.make_client(cloud._base, "sts", "us-east-1")
    assert client.meta.endpoint_url == "http://127.0.0.1:4566"


def test_the_environments_credentials_do_not_replace_the_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    cloud = profile(tmp_path, "http://127.0.0.1:4566")
    assert cloud._base.get_credentials().access_key == "AKIA1"


def test_nobody_listening_is_unreachable(tmp_path: Path) -> None:
    cloud = profile(tmp_path, "http://127.0.0.1:1")
    with pytest.raises(CloudError) as caught:
        cloud.identity()
    assert code(caught.value) == "Unreachable"


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    (tmp_path / "credentials").write_text("")
    with pytest.raises(CloudError, match="nobody"):
        Cloud.from_profile(
            "nobody", config_file=tmp_path / "config", credentials_file=tmp_path / "credentials", region="us-east-1"
        )
