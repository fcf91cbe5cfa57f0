"""ECR source: an image, told in imageDetail.json (rule S2; CodePipeline User Guide, Amazon ECR source action)."""

from __future__ import annotations

import json
from typing import Any

from crossdock.local.pipelines.actions.job import ActionError, Job, Result, code_of
from crossdock.local.pipelines.state import Revision


def run(job: Job) -> Result:
    """The image that the tag (`latest` by default) names now, or the digest that the start asked for."""
    from botocore.exceptions import ClientError

    name, tag = job.configuration["RepositoryName"], job.configuration.get("ImageTag", "latest")
    ecr = job.client("ecr")
    wanted = {"imageDigest": job.override} if job.override else {"imageTag": tag}
    try:
        images: list[Any] = ecr.describe_images(repositoryName=name, imageIds=[wanted])["imageDetails"]
        repository = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    except ClientError as error:
        if code_of(error) != "ImageNotFoundException":
            raise
        raise ActionError("ConfigurationError", f"Repository {name} has no image {job.override or tag}") from error
    image = images[0]
    uri = f"{repository['repositoryUri']}@{image['imageDigest']}"
    variables = {"ImageDigest": str(image["imageDigest"]), "ImageTag": tag, "ImageURI": uri,
                 "RegistryId": str(repository["registryId"]), "RepositoryName": name}
    detail = {
        "ImageSizeInBytes": str(image.get("imageSizeInBytes", 0)), "ImageDigest": image["imageDigest"],
        "Version": "1.0", "ImagePushedAt": str(image.get("imagePushedAt", "")), "RegistryId": variables["RegistryId"],
        "RepositoryName": name, "ImageURI": uri, "ImageTags": list(image.get("imageTags") or [tag]),
    }
    job.write_files(job.outputs[0], {"imageDetail.json": json.dumps(detail).encode()})
    job.run.external_id = variables["ImageDigest"]
    return Result(variables=variables, revision=Revision(id=variables["ImageDigest"], summary=f"{name}:{tag}"))
