"""AWS::IAM."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import pick, ref, resource, role, tags

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
GETS, PUTS = policy(allow("s3:GetObject")), policy(allow("s3:PutObject"))
USER, PEOPLE = resource("AWS::IAM::User"), resource("AWS::IAM::Group")
HOLDER = role("ec2")


def _holds(account: Account, noun: str, name: str) -> dict[str, Any]:
    """Inline and attached policies of a role, user or group."""
    iam = account.client("iam")
    who = {f"{noun}Name": name}
    kind = noun.lower()
    inline = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
    documents = [{"PolicyName": one, "PolicyDocument": getattr(iam, f"get_{kind}_policy")(
        **who, PolicyName=one)["PolicyDocument"]} for one in inline]
    attached = getattr(iam, f"list_attached_{kind}_policies")(**who)["AttachedPolicies"]
    return {"Policies": documents, "ManagedPolicyArns": [one["PolicyArn"] for one in attached]}


def _role(account: Account, name: str) -> Props:
    found = account.client("iam").get_role(RoleName=name)["Role"]
    return {**pick(found, "Path Description MaxSessionDuration AssumeRolePolicyDocument Tags"),
            "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            **_holds(account, "Role", name)}


def _user(account: Account, name: str) -> Props:
    iam = account.client("iam")
    found = iam.get_user(UserName=name)["User"]
    groups = [group["GroupName"] for group in iam.list_groups_for_user(UserName=name)["Groups"]]
    return {**pick(found, "Path Tags"), "Groups": groups, **_holds(account, "User", name)}


def _group(account: Account, name: str) -> Props:
    found = account.client("iam").get_group(GroupName=name)["Group"]
    return {**pick(found, "Path"), **_holds(account, "Group", name)}


def _inline(account: Account, _: str) -> Props:
    iam, name = account.client("iam"), "inl"
    roles = [one["RoleName"] for one in iam.list_roles()["Roles"]
             if name in iam.list_role_policies(RoleName=one["RoleName"])["PolicyNames"]]
    held = iam.get_role_policy(RoleName=roles[0], PolicyName=name)
    groups = [one["GroupName"] for one in iam.list_groups()["Groups"]
              if name in iam.list_group_policies(GroupName=one["GroupName"])["PolicyNames"]]
    return {"PolicyName": name, "Roles": roles, "Groups": groups, "PolicyDocument": held["PolicyDocument"]}


def _managed(account: Account, arn: str) -> Props:
    iam = account.client("iam")
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    held = iam.list_entities_for_policy(PolicyArn=arn)
    return {**pick(found, "Path Description"), "PolicyDocument": version["Document"],
            "Roles": [one["RoleName"] for one in held["PolicyRoles"]],
            "Groups": [one["GroupName"] for one in held["PolicyGroups"]]}


def _profile(account: Account, name: str) -> Props:
    found = account.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return {**pick(found, "Path"), "Roles": [one["RoleName"] for one in found["Roles"]]}


def _provider(account: Account, arn: str) -> Props:
    found = account.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return {**pick(found, "ClientIdList ThumbprintList Tags"), "Url": f"https://{found['Url']}"}


def _linked(account: Account, name: str) -> Props:
    found = account.client("iam").get_role(RoleName=name)["Role"]
    return pick(found, "Description")


def _access_key(account: Account, id_: str) -> Props:
    iam = account.client("iam")
    for user in iam.list_users()["Users"]:
        for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]:
            if key["AccessKeyId"] == id_:
                return pick(key, "UserName Status")
    raise KeyError(id_)


def _members(account: Account, id_: str) -> Props:
    iam = account.client("iam")
    if account.physical("X") != id_:
        raise KeyError(id_)
    groups = {group["GroupName"]: iam.get_group(GroupName=group["GroupName"])["Users"]
              for group in iam.list_groups()["Groups"]}
    name, users = next((name, users) for name, users in groups.items() if users)
    return {"GroupName": name, "Users": [user["UserName"] for user in users]}


RECORDS = (
    Record(type="AWS::IAM::Role", read=_role,
           made={"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Description": "a",
                 "Policies": [{"PolicyName": "p1", "PolicyDocument": GETS}]},
           changed={"AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "Description": None,
                    "ManagedPolicyArns": [READ_ONLY], "Policies": [{"PolicyName": "p2", "PolicyDocument": PUTS}],
                    "MaxSessionDuration": "7200", "PermissionsBoundary": BILLING, "Tags": tags(a="b")},
           replaced={"Path": "/other/"}, otherwise={"Path": "/", "MaxSessionDuration": 3600}),
    Record(type="AWS::IAM::User", made={"Policies": [{"PolicyName": "p1", "PolicyDocument": GETS}]}, read=_user,
           changed={"ManagedPolicyArns": [READ_ONLY], "Policies": [{"PolicyName": "p2", "PolicyDocument": PUTS}],
                    "Groups": [ref("G")], "Path": "/there/", "Tags": tags(a="b")},
           replaced={"UserName": "named"}, otherwise={"Path": "/"}, around={"G": PEOPLE}),
    Record(type="AWS::IAM::Group", made={"Policies": [{"PolicyName": "p1", "PolicyDocument": GETS}]}, read=_group,
           changed={"ManagedPolicyArns": [READ_ONLY], "Path": "/there/",
                    "Policies": [{"PolicyName": "p1", "PolicyDocument": PUTS}]},
           replaced={"GroupName": "named"}, otherwise={"Path": "/"}),
    Record(type="AWS::IAM::Policy", made={"PolicyName": "inl", "PolicyDocument": GETS, "Roles": [ref("R")]},
           read=_inline, changed={"PolicyDocument": PUTS, "Roles": [ref("R"), ref("S")], "Groups": [ref("G")]},
           why="its schema has nothing create-only", around={"R": HOLDER, "S": HOLDER, "G": PEOPLE}),
    Record(type="AWS::IAM::ManagedPolicy", made={"PolicyDocument": GETS, "Roles": [ref("R")]}, read=_managed,
           changed={"PolicyDocument": PUTS, "Roles": [ref("S")], "Groups": [ref("G")]},
           replaced={"Description": "new", "Path": "/p/"}, otherwise={"Path": "/"},
           around={"R": HOLDER, "S": HOLDER, "G": PEOPLE}),
    Record(type="AWS::IAM::InstanceProfile", made={"Roles": [ref("R")]}, read=_profile,
           changed={"Roles": [ref("S")]}, replaced={"Path": "/p/"}, otherwise={"Path": "/"},
           around={"R": HOLDER, "S": HOLDER}),
    Record(type="AWS::IAM::OIDCProvider", read=_provider,
           made={"Url": "https://one.example.com", "ClientIdList": ["a"], "ThumbprintList": ["a" * 40]},
           changed={"ClientIdList": ["a", "b"], "ThumbprintList": ["b" * 40], "Tags": tags(a="b")},
           replaced={"Url": "https://two.example.com"}),
    Record(type="AWS::IAM::ServiceLinkedRole", read=_linked,
           made={"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": "one", "Description": "a"},
           changed={"Description": "b"}, replaced={"CustomSuffix": "two"}),
    Record(type="AWS::IAM::AccessKey", made={"UserName": ref("U")}, read=_access_key, changed={"Status": "Inactive"},
           replaced={"Serial": 2}, otherwise={"Status": "Active"}, around={"U": USER}),
    Record(type="AWS::IAM::UserToGroupAddition", made={"GroupName": ref("G"), "Users": [ref("U")]}, read=_members,
           changed={"GroupName": ref("H"), "Users": [ref("U"), ref("V")]}, why="its schema has nothing create-only",
           around={"G": PEOPLE, "H": PEOPLE, "U": USER, "V": USER}),
)  # fmt: skip
