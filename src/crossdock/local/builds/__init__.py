"""CodeBuild on this machine: buildspecs are really run, as the project's service role, with nothing of the user's own
environment. CodePipeline hands builds over in-process with `CodeBuild.start_pipeline_build`."""

from crossdock.local.builds.engine import CodeBuild
from crossdock.local.builds.state import ArtifactLocation, PipelineBuild

__all__ = ["ArtifactLocation", "CodeBuild", "PipelineBuild"]
