"""CodeDeploy: applications and their groups can be taken away."""

from __future__ import annotations

import json
from typing import Any

from crossdock.local.store.additions.base import Added


def _delete_application(self: Any) -> str:
    backend, name = self.codedeploy_backend, self._get_param("applicationName")
    backend.applications.pop(name, None)
    backend.deployment_groups.pop(name, None)
    return ""


def _delete_deployment_group(self: Any) -> str:
    groups = self.codedeploy_backend.deployment_groups.get(self._get_param("applicationName"), {})
    groups.pop(self._get_param("deploymentGroupName"), None)
    return json.dumps({"hooksNotCleanedUp": []})


ADDED: Added = {
    "CodeDeployResponse": {
        "delete_application": _delete_application, "delete_deployment_group": _delete_deployment_group,
    },
}
