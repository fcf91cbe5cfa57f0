"""CodeCommit: bare git repositories behind IAM, over smart HTTP and the API. And what stands in for other git hosts."""

from crossdock.local.repositories.connections import CodeConnections, CodeStarConnections
from crossdock.local.repositories.engine import CodeCommit
from crossdock.local.repositories.remotes import Push
from crossdock.local.repositories.state import Repository, State

__all__ = ["CodeCommit", "CodeConnections", "CodeStarConnections", "Push", "Repository", "State"]
