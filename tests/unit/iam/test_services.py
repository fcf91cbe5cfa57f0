"""Rules 99 to 109: policies of buckets, repositories, functions, topics, queues and buses."""

from crossdock.iam import Grant, PolicyKind


def service(name, **more):
    return {"by": f"{name}.amazonaws.com", "as_": "service", "account": None, **more}


def test_an_upload_without_the_asked_acl_is_refused(ask):
    """Rule 99."""
    condition = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    on = [ask.allow("s3:PutObject", Principal={"AWS": ask.other}, Condition=condition)]
    asked = {"identity": [ask.allow()], "on": on}
    context = {"s3:x-amz-acl": "bucket-owner-full-control"}
    assert ask.across("s3:PutObject", **asked, context=context) == "allowed"
    assert ask.across("s3:PutObject", **asked) == "implicit_deny"


def test_a_public_bucket_policy_lets_anyone_in(ask):
    """Rule 100: Block Public Access narrows the policy before it comes here."""
    assert ask(by=None, as_="anonymous", account=None, on=[ask.allow("s3:GetObject", Principal="*")]) == "allowed"


def test_a_deny_of_another_encryption_header_hits_uploads_without_one(ask):
    """Rule 101."""
    def on(operator):
        condition = {operator: {"s3:x-amz-server-side-encryption": "aws:kms"}}
        return [ask.deny("s3:PutObject", Principal="*", Condition=condition)]

    grant = {"identity": [ask.allow()]}
    assert ask("s3:PutObject", on=on("StringNotEquals"), **grant) == "explicit_deny"
    both = on("StringNotEquals")
    both[0]["Condition"]["Null"] = {"s3:x-amz-server-side-encryption": "false"}
    assert ask("s3:PutObject", on=both, **grant) == "allowed"


def test_a_repository_asks_one_side_at_home_and_both_abroad(ask):
    """Rule 102."""
    repository = f"arn:aws:ecr:eu-west-1:{ask.own}:repository/r"
    on = [ask.allow("ecr:BatchGetImage", None, Principal={"AWS": ask.other})]
    pull = {"action": "ecr:BatchGetImage", "resource": repository, "kind": PolicyKind.REPOSITORY}
    assert ask(**pull, identity=[ask.allow("ecr:*", repository)]) == "allowed"
    assert ask(**pull, on=[ask.allow("ecr:*", None, Principal={"AWS": ask.user})]) == "allowed"
    assert ask.across(**pull, on=on, identity=[ask.allow("ecr:*", repository)]) == "allowed"
    assert ask.across(**pull, on=on) == "implicit_deny"
    assert ask.across(**pull, identity=[ask.allow()]) == "implicit_deny"


def test_a_token_for_the_registry_is_a_matter_of_the_callers_own_account(ask):
    """Rule 102."""
    token = {"action": "ecr:GetAuthorizationToken", "resource": "*"}
    assert ask(**token, identity=[ask.allow("ecr:GetAuthorizationToken")]) == "allowed"
    assert ask(**token, identity=[ask.allow("ecr:*", "arn:aws:ecr:*:*:repository/*")]) == "implicit_deny"


def test_pulling_from_an_encrypted_repository_asks_nothing_of_the_puller(ask):
    """Rule 103: ECR holds a grant of its own on the key."""
    grants = [Grant(grantee="ecr.amazonaws.com", operations=("Decrypt",))]
    assert ask("kms:Decrypt", ask.key, **service("ecr"), grants=grants) == "allowed"
    assert ask("kms:Decrypt", ask.key, grants=grants) == "implicit_deny"


def test_lambda_pulls_only_for_the_functions_that_the_repository_names(ask):
    """Rule 104."""
    source = {"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-1:222222222222:function:*"}}
    on = [ask.allow("ecr:BatchGetImage", None, Principal={"Service": "lambda.amazonaws.com"}, Condition=source)]
    pull = {"action": "ecr:BatchGetImage", "resource": f"arn:aws:ecr:eu-west-1:{ask.own}:repository/r", "on": on,
            "kind": PolicyKind.REPOSITORY, **service("lambda")}  # fmt: skip
    assert ask(**pull, context={"aws:SourceArn": "arn:aws:lambda:eu-west-1:222222222222:function:f"}) == "allowed"
    assert ask(**pull, context={"aws:SourceArn": "arn:aws:lambda:eu-west-1:333333333333:function:f"}) == "implicit_deny"


def test_a_source_is_pinned_by_arn_and_account(ask):
    """Rule 105."""
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::in"}, "StringEquals": {"aws:SourceAccount": ask.own}}
    on = [ask.allow("sns:Publish", Principal={"Service": "s3.amazonaws.com"}, Condition=condition)]
    asked = {"action": "sns:Publish", "resource": f"arn:aws:sns:eu-west-1:{ask.own}:t", "on": on, **service("s3")}
    assert ask(**asked, context={"aws:SourceArn": "arn:aws:s3:::in", "aws:SourceAccount": ask.own}) == "allowed"
    stolen = {"aws:SourceArn": "arn:aws:s3:::in", "aws:SourceAccount": ask.other}
    assert ask(**asked, context=stolen) == "implicit_deny"


def test_a_service_that_sends_to_an_encrypted_queue_stands_in_the_key_policy(ask):
    """Rule 106."""
    on = [ask.allow(["kms:GenerateDataKey*", "kms:Decrypt"], Principal={"Service": "sns.amazonaws.com"})]
    asked = {"resource": ask.key, "kind": PolicyKind.KEY, **service("sns")}
    assert ask("kms:GenerateDataKey", **asked, on=on) == "allowed"
    assert ask("kms:GenerateDataKey", **asked, on=[ask.allow(Principal={"AWS": ask.root})]) == "implicit_deny"


def test_a_bus_lets_in_accounts_and_organizations_with_a_role_of_the_sender(ask):
    """Rule 107."""
    bus = {"action": "events:PutEvents", "resource": f"arn:aws:events:eu-west-1:{ask.own}:event-bus/b"}
    member = [ask.allow("events:PutEvents", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})]
    context = {"aws:PrincipalOrgID": "o-1"}
    assert ask.across(**bus, on=member, context=context, identity=[ask.allow("events:PutEvents")]) == "allowed"
    assert ask.across(**bus, on=member, context=context) == "implicit_deny"


def test_asking_for_a_source_refuses_direct_calls(ask):
    """Rule 108."""
    on = [ask.deny(Principal="*", Condition={"StringNotEquals": {"aws:SourceAccount": ask.own}})]
    assert ask(on=on, identity=[ask.allow()]) == "explicit_deny"


def test_a_service_acts_as_the_caller_as_a_role_or_as_itself(ask):
    """Rule 109: the three kinds of downstream principal are decided by their own policies."""
    via = {"Bool": {"aws:ViaAWSService": "true"}}
    forward = {"identity": [ask.allow(Condition=via)], "context": {"aws:ViaAWSService": "true"}}
    assert ask(**forward) == "allowed"
    role = {"identity": [ask.allow(Condition=via)], "context": {"aws:ViaAWSService": "false"}}
    assert ask.as_session(**role) == "implicit_deny"
    assert ask(**service("s3"), identity=[ask.allow()]) == "implicit_deny"
