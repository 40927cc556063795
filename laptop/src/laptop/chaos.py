"""``lakehouse chaos``: faults of the embedded AWS, on demand."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from laptop.failure import StackError
from laptop.layout import Layout
from laptop.record import load
from local_aws.faults.client import FaultClient, FaultPlaneError
from local_aws.faults.plan import ANY, Fault, Plan, Rule, wrong

_FIRINGS_SHOWN = 10

app = typer.Typer(
    help="Let the AWS of this machine go wrong: by rule, by call, and the same again from the same seed.",
    no_args_is_help=True,
)

Endpoint = Annotated[
    str | None,
    typer.Option(help="URL of another embedded AWS than that of the stack.", envvar="AWS_ENDPOINT_URL"),
]


@app.command()
def add(
    service: Annotated[str, typer.Option(help="`s3`, `glue`, `athena`, `sts`, `sqs`, …")],
    fault: Annotated[Fault, typer.Option(help="What happens.")],
    operation: Annotated[str, typer.Option(help="AWS's name, such as PutObject; `*` is every one.")] = ANY,
    resource: Annotated[
        str | None, typer.Option(help="Glob: `bucket/key` on S3, the job on Glue, the work group on Athena.")
    ] = None,
    client: Annotated[str | None, typer.Option(help="Part of the User-Agent: `hadoop`, `Boto3`.")] = None,
    job_name: Annotated[str | None, typer.Option(help="Only calls that runs of this Glue job make.")] = None,
    run_id: Annotated[str | None, typer.Option(help="Only calls that this Glue run makes.")] = None,
    rate: Annotated[float | None, typer.Option(help="Share of the calls that are hit, 0 to 1.")] = None,
    nth: Annotated[int | None, typer.Option(help="The call that is hit, counted from 1.")] = None,
    count: Annotated[int | None, typer.Option(help="The most calls that are hit.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long `delay` holds a call.")] = None,
    moment: Annotated[
        str, typer.Option(help="Whether `kill_run` kills `before` the call's effect or `after` it.")
    ] = "before",
    seed: Annotated[int | None, typer.Option(help="Decides every rate; one for all rules.")] = None,
    endpoint: Endpoint = None,
) -> None:
    """Add a rule behind those in force. The first rule that is due has its way: put kills before rates.

    Examples:
    - `lakehouse chaos add --service s3 --operation PutObject --fault slow_down --rate 0.3 --seed 7`

    - `lakehouse chaos add --service s3 --operation PutObject --resource '*/_delta_log/*.json' --fault kill_run --nth 2`

    - `lakehouse chaos add --service glue --operation StartJobRun --fault throttling --nth 1 --count 3`
    """
    given = {
        "service": service,
        "operation": operation,
        "resource": resource,
        "client": client,
        "job_name": job_name,
        "run_id": run_id,
        "rate": rate,
        "nth": nth,
        "count": count,
        "fault": fault,
        "seconds": seconds,
        "moment": moment,
    }
    try:
        rule = Rule.model_validate(given)
    except ValidationError as error:
        raise StackError(f"the rule does not hold: {wrong(error)}") from error
    state = _call(_client(endpoint), "add", _fields(rule), seed=seed)
    Console().print(f"Rule {len(state['rules']) - 1} is in force, seed {state['seed']}.")


@app.command("load")
def load_plan(
    path: Annotated[Path, typer.Argument(help='JSON: `{"seed": 7, "rules": [{…}]}`', dir_okay=False)],
    endpoint: Endpoint = None,
) -> None:
    """Put a plan in force in place of all rules, with counters at zero. What `show --json` prints is one, too.

    Example: `lakehouse chaos load plan.json`
    """
    try:
        plan = Plan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StackError(f"{path} cannot be read ({error.strerror}): correct the path") from error
    except ValidationError as error:
        raise StackError(f"{path} is not a plan: {wrong(error)}") from error
    _call(_client(endpoint), "replace", [_fields(rule) for rule in plan.rules], seed=plan.seed)
    Console().print(f"{len(plan.rules)} rules are in force, seed {plan.seed}.")


@app.command()
def show(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the plan alone, as `load` takes it.")
    ] = False,
    endpoint: Endpoint = None,
) -> None:
    """Show the rules, how many calls each matched and hit, and the latest calls that were hit.

    Example: `lakehouse chaos show`
    """
    state = _call(_client(endpoint), "state")
    if as_json:
        plan = Plan(seed=state["seed"], rules=tuple(Rule(**item["rule"]) for item in state["rules"]))
        typer.echo(plan.model_dump_json(indent=2, exclude_defaults=True))
        return
    console = Console()
    if not state["rules"]:
        console.print("Nothing is to go wrong.")
        return
    console.print(_rules(state))
    if state["firings"]:
        console.print(_firings(state["firings"][-_FIRINGS_SHOWN:]))


@app.command()
def clear(endpoint: Endpoint = None) -> None:
    """Remove all rules: everything goes well again.

    Example: `lakehouse chaos clear`
    """
    _call(_client(endpoint), "clear")
    Console().print("Nothing is to go wrong any more.")


def _rules(state: dict[str, Any]) -> Table:
    table = Table("rule", "fault", "calls", "when", "matched", "fired", title=f"seed {state['seed']}")
    for position, item in enumerate(state["rules"]):
        rule = Rule(**item["rule"])
        only = [rule.resource, rule.client, rule.job_name, rule.run_id]
        calls = " ".join([f"{rule.service}:{rule.operation}", *filter(None, only)])
        when = f"rate {rule.rate:g}" if rule.rate is not None else f"call {rule.nth}"
        when += f", {rule.count} times" if rule.count else ""
        matched, fired = str(item["matched"]), str(item["fired"])
        table.add_row(str(position), rule.fault.value, escape(calls), when, matched, fired)
    return table


def _firings(firings: list[dict[str, Any]]) -> Table:
    table = Table("time, UTC", "rule", "call", "operation", "resource", "run", title="latest calls hit")
    for column in table.columns[-2:]:
        column.overflow = "fold"
    for firing in firings:
        operation = f"{firing['service']}:{firing['operation']}"
        ordinal, run_id = str(firing["ordinal"]), firing["run_id"] or ""
        place = escape(firing["resource"])
        time = datetime.fromisoformat(firing["time"]).strftime("%H:%M:%S")
        table.add_row(time, str(firing["rule"]), ordinal, operation, place, run_id)
    return table


def _fields(rule: Rule) -> dict[str, Any]:
    return rule.model_dump(mode="json", exclude_defaults=True)


def _client(endpoint: str | None) -> FaultClient:
    if endpoint is None:
        record = load(Layout().state_dir)
        if record is None or not any(part.process() for part in record.parts):
            raise StackError("nothing is up; start with `lakehouse up`")
        endpoint = record.layout.endpoint
    return FaultClient(endpoint)


def _call(client: FaultClient, method: str, *arguments: Any, **options: Any) -> Any:
    try:
        return getattr(client, method)(*arguments, **options)
    except FaultPlaneError as error:
        raise StackError(str(error)) from error
