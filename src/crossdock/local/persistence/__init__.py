"""State on disk: what AWS would still have after a restart is still there, even after SIGKILL.

State lives in memory, as objects of the engines and of the store. A `Tree` knows which parts the state of one of them
has (a role, a stack, an object of a bucket) and finds those that changed; a changed part is pickled and appended to one
`Journal` before the call that changed it is answered. At the next start the journal's last word on each part makes the
objects again. Nothing is replayed: what comes back is what was there, identifiers, keys and times included.

`Keeper` holds it together. Pickles are loaded only from a directory and a file that nobody else can write to, and only
when this version of crossdock and of the store wrote them.
"""

from crossdock.local.persistence.keeper import Keeper

__all__ = ["Keeper"]
