"""Deploy a CloudFormation template: validate, show the change set, ask, execute, print the outputs.

Exit codes: 0 done, or nothing to change; 1 AWS refused, or the stack failed; 3 the change set was declined.
"""

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import ClientError, WaiterError

ROOT = Path(__file__).parents[1]
REFUSED, DECLINED = 1, 3
_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
_MISSING = "does not exist"
_POLL = {"Delay": 2, "MaxAttempts": 900}

app = typer.Typer(add_completion=False)


@app.command(help=__doc__)
def main(
    parameters: Annotated[list[str] | None, typer.Argument(help="Name=value, of the template.")] = None,
    *,
    stack: Annotated[str, typer.Option(help="Name of the stack.")] = "lakehouse",
    template: Annotated[Path, typer.Option(exists=True, dir_okay=False)] = ROOT
    / "infra/cloudformation/lakehouse.yaml",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """See the module."""
    client = boto3.client("cloudformation")
    try:
        body = template.read_text()
        client.validate_template(TemplateBody=body)
        print(f"{template.name} is valid")
        if _deploy(client, stack, body, _parameters(parameters or []), ask=not yes):
            _print_outputs(client, stack)
    except (ClientError, WaiterError) as error:
        sys.stderr.write(f"{stack}: {error}{_reason(client, stack)}\n")
        raise typer.Exit(REFUSED) from error


def _parameters(given: list[str]) -> list[dict[str, str]]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{', '.join(wrong)}: write Name=value")
    return [{"ParameterKey": name, "ParameterValue": value} for name, _, value in pairs]


def _deploy(client: Any, stack: str, body: str, parameters: list[dict[str, str]], *, ask: bool) -> bool:
    """Whether the stack is there afterwards."""
    is_new = not _exists(client, stack)
    change_set = f"deploy-{time.time_ns()}"
    client.create_change_set(
        StackName=stack,
        ChangeSetName=change_set,
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateBody=body,
        Parameters=parameters,
        Capabilities=_CAPABILITIES,
    )
    changes = _changes(client, stack, change_set)
    if not changes:
        print("nothing to change")
        client.delete_change_set(StackName=stack, ChangeSetName=change_set)
        return True
    for change in changes:
        resource = change["ResourceChange"]
        replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
        print(f"{resource['Action']:8}{resource['ResourceType']:32}{resource['LogicalResourceId']}{replaced}")
    if ask and not typer.confirm("Deploy?"):
        client.delete_change_set(StackName=stack, ChangeSetName=change_set)
        raise typer.Exit(DECLINED)
    client.execute_change_set(StackName=stack, ChangeSetName=change_set)
    waiter = client.get_waiter("stack_create_complete" if is_new else "stack_update_complete")
    waiter.wait(StackName=stack, WaiterConfig=_POLL)
    return True


def _exists(client: Any, stack: str) -> bool:
    try:
        found = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if _MISSING in str(error):
            return False
        raise
    return bool(found and found[0]["StackStatus"] != "REVIEW_IN_PROGRESS")


def _changes(client: Any, stack: str, change_set: str) -> list[dict[str, Any]]:
    """Raises WaiterError where CloudFormation cannot make the change set; without changes it fails too."""
    names = {"StackName": stack, "ChangeSetName": change_set}
    try:
        client.get_waiter("change_set_create_complete").wait(**names, WaiterConfig=_POLL)
    except WaiterError:
        reason = client.describe_change_set(**names).get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates" in reason:
            return []
        raise
    pages = client.get_paginator("describe_change_set").paginate(**names)
    return [change for page in pages for change in page["Changes"]]


def _print_outputs(client: Any, stack: str) -> None:
    for output in client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ()):
        print(f"{output['OutputKey']:16}{output['OutputValue']}  {output.get('Description', '')}")


def _reason(client: Any, stack: str) -> str:
    """The first failures of the stack's resources, which the waiter does not tell."""
    try:
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
    except ClientError:
        return ""
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    lines = [f"\n{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]
    return "".join(lines[:3])


if __name__ == "__main__":
    app()
