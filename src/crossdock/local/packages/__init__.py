"""A package index on loopback for builds: what was fetched once is there afterwards, without network.

    index = PackageIndex()            answers at  http://127.0.0.1:PORT/<label>/simple/<project>/
    index.start()
    env |= index.environment("build-1")
    index.misses("build-1")           what it could not give to that label, one sentence each

It asks the indexes that the user's own pip is configured with, keeps their pages for a day and every file for good
(hash verified), and answers from what it kept when an index can't be reached.
"""

from crossdock.local.packages.server import PackageIndex
from crossdock.local.packages.sources import Configuration, Source, read_configuration

__all__ = ["Configuration", "PackageIndex", "Source", "read_configuration"]
