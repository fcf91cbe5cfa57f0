"""AppConfig: configurations kept by version, deployed to environments, fetched by who may."""

from crossdock.local.appconfig.data import AppConfigData
from crossdock.local.appconfig.engine import AppConfig

__all__ = ["AppConfig", "AppConfigData"]
