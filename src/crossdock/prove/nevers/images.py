"""Images are pushed by the build that makes them and changed by nobody; who runs none pulls none.

Source: ECR User Guide, repository policies, security best practices.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.prove.claims import Claim, Probe, sides
from crossdock.prove.parts import Part
from crossdock.prove.resources import of_type

_PUSHES = ("ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload")
_MANAGES = ("ecr:BatchDeleteImage", "ecr:DeleteRepository", "ecr:SetRepositoryPolicy", "ecr:PutImageTagMutability",
            "ecr:DeleteRepositoryPolicy", "ecr:PutLifecyclePolicy")
_PULLS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def claims(probe: Probe, part: Part) -> Iterator[Claim]:
    """What one role must not do to images."""
    for repository in of_type(probe.scene.platform, "AWS::ECR::Repository"):
        owner = repository.home.account
        given = sides(part, owner)
        elsewhere = "no target account pushes an image" if part.account != owner else \
            "nobody pushes an image but the build that makes it"
        for action in _PUSHES:
            yield from probe.tries(part, action, repository.arn, elsewhere, owner=owner, given=given)
        for action in _MANAGES:
            yield from probe.tries(part, action, repository.arn, "no role changes or deletes what was pushed",
                                   owner=owner, given=given)
        for action in _PULLS:
            yield from probe.tries(part, action, repository.arn, "no role pulls an image that its part does not run",
                                   owner=owner, given=given)
