"""What services check beside policies: states of keys, documents, what hangs together, public access.

Each module is one service's own rules; `check` asks those that a call concerns. They run once the policies allow the
call and before anything changes.
"""

from crossdock.local.door.rules.asked import Asked
from crossdock.local.door.rules.check import check

__all__ = ["Asked", "check"]
