"""Parameter Store: versions, hierarchies, what is not there."""

from __future__ import annotations

from witnessing.asking import Facts, Side, question, refusal


@question
def parameters(side: Side) -> Facts:
    """Written, overwritten, by version and label, by path; what is none."""
    ssm = side.client("ssm")
    ssm.put_parameter(Name="/tree/a", Value="1", Type="String")
    ssm.put_parameter(Name="/tree/b/c", Value="2", Type="SecureString")
    ssm.put_parameter(Name="/tree/b/d", Value="3,4", Type="StringList")
    again = refusal(ssm.put_parameter, Name="/tree/a", Value="2", Type="String")
    version = ssm.put_parameter(Name="/tree/a", Value="2", Type="String", Overwrite=True)["Version"]
    ssm.label_parameter_version(Name="/tree/a", ParameterVersion=1, Labels=["first"])
    found = ssm.get_parameter(Name="/tree/a")["Parameter"]
    several = ssm.get_parameters(Names=["/tree/a", "/tree/none"])
    sealed = ssm.get_parameter(Name="/tree/b/c")["Parameter"]["Value"]
    return {
        "again": again, "version": version, "arn": found["ARN"], "type": found["DataType"],
        "first": ssm.get_parameter(Name="/tree/a:1")["Parameter"]["Value"],
        "labelled": ssm.get_parameter(Name="/tree/a:first")["Parameter"]["Value"],
        "sealed": sealed == "2",
        "opened": ssm.get_parameter(Name="/tree/b/c", WithDecryption=True)["Parameter"]["Value"],
        "level": [each["Name"] for each in ssm.get_parameters_by_path(Path="/tree")["Parameters"]],
        "below": sorted(each["Name"] for each in
                        ssm.get_parameters_by_path(Path="/tree", Recursive=True)["Parameters"]),
        "several": [[each["Name"] for each in several["Parameters"]], several["InvalidParameters"]],
        "none": refusal(ssm.get_parameter, Name="/tree/none"),
        "delete": refusal(ssm.delete_parameter, Name="/tree/none"),
        "no version": refusal(ssm.get_parameter, Name="/tree/a:9"), "no label": refusal(
            ssm.get_parameter, Name="/tree/a:other"),
        "no type": refusal(ssm.put_parameter, Name="/tree/e", Value="1"),
        "other type": refusal(ssm.put_parameter, Name="/tree/a", Value="1", Type="SecureString", Overwrite=True),
        "aws": refusal(ssm.put_parameter, Name="/aws/mine", Value="1", Type="String"),
        "pattern": refusal(ssm.put_parameter, Name="/tree/f", Value="A", Type="String", AllowedPattern="[a-z]+"),
        "too long": refusal(ssm.put_parameter, Name="/tree/g", Value="x" * 4097, Type="String")[:120],
        "bad name": refusal(ssm.put_parameter, Name="/tree/h i", Value="1", Type="String")[:60],
    }
