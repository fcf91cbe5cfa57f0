"""CodeCommit: bare git repositories behind IAM, over smart HTTP and the API."""

from crossdock.local.repositories.engine import CodeCommit
from crossdock.local.repositories.state import Repository, State

__all__ = ["CodeCommit", "Repository", "State"]
