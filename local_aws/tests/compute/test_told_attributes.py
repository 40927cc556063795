"""What was sent, and what AWS adds to it, is told again."""

import io
import zipfile


def test_a_service_tells_that_it_is_not_rebalanced(storage):
    ecs = storage.client("ecs")
    ecs.create_cluster(clusterName="recorder")
    container = {"name": "recorder", "image": "x", "memory": 128}
    task = ecs.register_task_definition(family="recorder", containerDefinitions=[container])
    made = task["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(cluster="recorder", serviceName="recorder", taskDefinition=made, desiredCount=1)
    (service,) = ecs.describe_services(cluster="recorder", services=["recorder"])["services"]
    assert service["availabilityZoneRebalancing"] == "DISABLED"


def test_a_rule_between_groups_keeps_its_description(storage):
    ec2 = storage.client("ec2")
    group = ec2.create_security_group(GroupName="disk", Description="x")["GroupId"]
    pair = {"GroupId": group, "Description": "NFS"}
    permission = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert "NFS" in [rule.get("Description") for rule in rules["SecurityGroupRules"]]


def test_a_function_tells_where_failed_calls_go(storage):
    iam, client = storage.client("iam"), storage.client("lambda")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("handler.py", "")
    target = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:failed"}
    client.create_function(
        FunctionName="trigger",
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": code.getvalue()},
        DeadLetterConfig=target,
    )
    client.update_function_configuration(FunctionName="trigger", Timeout=9)
    found = client.get_function_configuration(FunctionName="trigger")
    assert (found["DeadLetterConfig"], found["Timeout"]) == (target, 9)
