"""Templates of machines and tasks: made, changed, deleted."""

from __future__ import annotations

from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library


def test_a_bastion_is_made_changed_and_deleted(account, ground):
    lives(account, "compute/bastion", ground.of("VpcId", "PrivateSubnetIds", "DataKeyArn"),
          {"ClientSecurityGroupIds": ground.parameters["ClientSecurityGroupIds"]})


def test_a_bastion_opens_no_port_and_has_no_key(account, ground):
    given = ground.of("VpcId", "PrivateSubnetIds", "DataKeyArn")
    assert account.create(library.load("compute/bastion"), parameters=given) == "CREATE_COMPLETE", failures(account)
    ec2 = account.client("ec2")
    machine = ec2.describe_instances(InstanceIds=[account.outputs()["BastionId"]])["Reservations"][0]["Instances"][0]
    assert "KeyName" not in machine
    groups = [group["GroupId"] for group in machine["SecurityGroups"]]
    assert not any(group["IpPermissions"] for group in ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"])
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def test_a_cluster_is_made_changed_and_deleted(account, ground):
    lives(account, "compute/cluster", ground.of("VpcId", "LogKeyArn"), {"ContainerInsights": "enhanced"})


def test_roles_of_tasks_are_made_changed_and_deleted(account, ground):
    given = ground.of(SharedAccountId="111111111111", TaskLogGroupName="/shop/staging/tasks")
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    lives(account, "compute/task-roles", given, {"PermissionsBoundaryArn": boundary})
