"""AWS Organizations: the tree of accounts, and the policies that bind every principal or resource below them."""

from crossdock.local.organizations.engine import Organizations

__all__ = ["Organizations"]
