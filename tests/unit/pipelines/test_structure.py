"""What CodePipeline takes for a pipeline (rules P1 to P7)."""

from typing import Any

import pytest

from crossdock.local.engine import AwsError, NotEmulated


def code(pipelines: Any, declaration: Any) -> str:
    with pytest.raises(AwsError) as raised:
        pipelines("CreatePipeline", pipeline=declaration)
    assert pipelines("ListPipelines")["pipelines"] == []
    return f"{raised.value.code}: {raised.value.message}"


def test_p1_a_pipeline_has_two_stages_and_begins_with_sources_only(pipelines: Any) -> None:
    assert "minimum of 2 stages" in code(pipelines, pipelines.declaration())
    both = pipelines.declaration([pipelines.approval()])
    both["stages"][0]["actions"].append(pipelines.approval())
    assert "only contains source actions" in code(pipelines, both)
    late = pipelines.declaration([pipelines.source()])
    assert "only occur in the first stage" in code(pipelines, late)
    assert "1 to 50 actions" in code(pipelines, pipelines.declaration([]))


def test_p2_names_are_unique_and_inputs_come_from_earlier_outputs(pipelines: Any) -> None:
    twice = code(pipelines, pipelines.declaration([pipelines.approval(), pipelines.approval()]))
    assert "action names in stage S2 must be unique" in twice
    same = pipelines.declaration([pipelines.approval()], [pipelines.approval()])
    same["stages"][2]["name"] = "S2"
    assert "stage names" in code(pipelines, same)

    def build(name: str, given: str, made: str, order: int = 1) -> Any:
        return pipelines.action(name, "Build", "CodeBuild", configuration={"ProjectName": "x"}, runOrder=order,
                                inputArtifacts=[given], outputArtifacts=[made])

    again = pipelines.declaration([build("B", "SourceOutput", "SourceOutput")])
    assert "must be unique within the pipeline: SourceOutput" in code(pipelines, again)
    assert "not an output of an earlier action" in code(pipelines, pipelines.declaration([build("B", "Nowhere", "X")]))
    parallel = pipelines.declaration([build("A", "SourceOutput", "X"), build("B", "X", "Y")])
    assert "not an output of an earlier action" in code(pipelines, parallel)
    ordered = pipelines.declaration([build("A", "SourceOutput", "X"), build("B", "X", "Y", order=2)])
    pipelines("CreatePipeline", pipeline=ordered)


def test_p3_each_provider_takes_its_numbers_of_artifacts(pipelines: Any) -> None:
    gate = pipelines.approval(inputArtifacts=["SourceOutput"])
    assert "has 1 inputArtifacts; Manual takes 0 to 0" in code(pipelines, pipelines.declaration([gate]))
    build = pipelines.action("B", "Build", "CodeBuild", configuration={"ProjectName": "x"})
    assert "has 0 inputArtifacts; CodeBuild takes 1 to 5" in code(pipelines, pipelines.declaration([build]))


def test_p4_names_and_configuration_have_limits(pipelines: Any) -> None:
    gate = pipelines.approval
    assert "Pipeline name" in code(pipelines, pipelines.declaration([gate()], name="a b"))
    assert "Action name" in code(pipelines, pipelines.declaration([gate("a b")]))
    long = gate(configuration={"CustomData": "x" * 1001})
    assert "1 to 1000 characters" in code(pipelines, pipelines.declaration([long]))
    unknown = pipelines.declaration([gate(configuration={"Colour": "x"})])
    assert "unknown configuration 'Colour'" in code(pipelines, unknown)
    missing = pipelines.declaration([gate()])
    del missing["stages"][0]["actions"][0]["configuration"]["BranchName"]
    assert "missing required configuration 'BranchName'" in code(pipelines, missing)


def test_p5_run_orders_are_positive(pipelines: Any) -> None:
    assert "runOrder" in code(pipelines, pipelines.declaration([pipelines.approval(runOrder=0)]))


def test_p6_there_is_exactly_one_kind_of_store_and_one_for_each_region(pipelines: Any) -> None:
    both = pipelines.declaration([pipelines.approval()], artifactStores={})
    assert "Exactly one of artifactStore and artifactStores" in code(pipelines, both)
    far = pipelines.declaration([pipelines.approval(region="us-east-1")])
    assert "needs artifactStores" in code(pipelines, far)
    store = far.pop("artifactStore")
    assert "no artifact store for us-east-1" in code(pipelines, far | {"artifactStores": {"eu-west-1": store}})


def test_p7_an_update_makes_a_version(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    updated = pipelines("UpdatePipeline", pipeline=pipelines.declaration([pipelines.approval("Other")]))
    assert updated["pipeline"]["version"] == 2
    assert pipelines("GetPipeline", name="p")["pipeline"]["stages"][1]["actions"][0]["name"] == "Other"
    assert pipelines("GetPipeline", name="p", version=1)["pipeline"]["stages"][1]["actions"][0]["name"] == "Gate"
    with pytest.raises(AwsError, match="does not have a pipeline"):
        pipelines("UpdatePipeline", pipeline=pipelines.declaration([pipelines.approval()], name="q"))


def test_a5_namespaces_are_unique_and_references_have_one(pipelines: Any) -> None:
    first, second = pipelines.approval("A", namespace="N"), pipelines.approval("B", namespace="N")
    assert "namespaces in a pipeline must be unique" in code(pipelines, pipelines.declaration([first, second]))
    artifact = pipelines.approval(namespace="SourceOutput")
    assert "is the name of an artifact" in code(pipelines, pipelines.declaration([artifact]))
    lost = pipelines.approval(configuration={"CustomData": "#{Nobody.x}"})
    assert "no action has the namespace Nobody" in code(pipelines, pipelines.declaration([lost]))
    old = pipelines.declaration([pipelines.approval()], variables=[{"name": "x"}])
    assert "need pipelineType V2" in code(pipelines, old)


@pytest.mark.parametrize(
    ("category", "provider", "owner"),
    [("Deploy", "ECS", "AWS"), ("Deploy", "CodeDeployToECS", "AWS"), ("Deploy", "CodeDeploy", "AWS"),
     ("Deploy", "ServiceCatalog", "AWS"), ("Source", "OurGit", "Custom"), ("Build", "Jenkins", "Custom")],
)
def test_d3_providers_that_nothing_here_runs_are_refused_by_name(
    pipelines: Any, category: str, provider: str, owner: str
) -> None:
    strange = pipelines.action("X", category, provider)
    strange["actionTypeId"]["owner"] = owner
    declaration = pipelines.declaration([strange])
    if category == "Source":
        declaration["stages"][0]["actions"].append(strange)
        declaration["stages"][1]["actions"] = [pipelines.approval()]
    with pytest.raises(NotEmulated, match=provider):
        pipelines("CreatePipeline", pipeline=declaration)


def test_what_is_not_emulated_is_refused_by_name(pipelines: Any) -> None:
    for key in ("beforeEntry", "onSuccess", "onFailure"):
        guarded = pipelines.declaration([pipelines.approval()], pipelineType="V2")
        guarded["stages"][1][key] = {"conditions": [{"result": "FAIL"}]}
        with pytest.raises(NotEmulated, match=key):
            pipelines("CreatePipeline", pipeline=guarded)
    batch = pipelines.action("B", "Build", "CodeBuild", inputArtifacts=["SourceOutput"],
                             configuration={"ProjectName": "x", "BatchEnabled": "true"})
    with pytest.raises(NotEmulated, match="batch builds"):
        pipelines("CreatePipeline", pipeline=pipelines.declaration([batch]))
    with pytest.raises(NotEmulated, match="codepipeline:PollForJobs"):
        pipelines("PollForJobs", actionTypeId={})


def test_a_role_that_codepipeline_can_t_assume_is_refused(pipelines: Any) -> None:
    wrong = pipelines.declaration([pipelines.approval()], roleArn="arn:aws:iam::111111111111:role/nobody")
    assert "not authorized to perform AssumeRole on role" in code(pipelines, wrong)


def test_names_are_used_once_and_tags_are_kept(pipelines: Any) -> None:
    tags = [{"key": "a", "value": "b"}]
    pipelines("CreatePipeline", pipeline=pipelines.declaration([pipelines.approval()]), tags=tags)
    with pytest.raises(AwsError, match="already exists in account '111111111111'"):
        pipelines("CreatePipeline", pipeline=pipelines.declaration([pipelines.approval()]))
    arn = pipelines("GetPipeline", name="p")["metadata"]["pipelineArn"]
    assert arn == "arn:aws:codepipeline:eu-west-1:111111111111:p"
    assert pipelines("ListTagsForResource", resourceArn=arn)["tags"] == tags
    assert pipelines.engine.tags(f"{arn}/Source") == {"a": "b"}
    pipelines("UntagResource", resourceArn=arn, tagKeys=["a"])
    assert pipelines("ListTagsForResource", resourceArn=arn)["tags"] == []
