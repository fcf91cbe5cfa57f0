"""AWS CodeStar Notifications: rules that tell a topic what happens to repositories, builds and pipelines."""

from crossdock.local.notifications.engine import CodeStarNotifications

__all__ = ["CodeStarNotifications"]
