"""What Glue tells EventBridge.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from local_aws.events import put_event
from local_aws.glue.runs import JobRun

_SEVERITY = {"FAILED": "ERROR", "TIMEOUT": "WARN"}
_MESSAGE = {"SUCCEEDED": "Job run succeeded", "TIMEOUT": "Job run timed out", "STOPPED": "Job run stopped"}


def announce(run: JobRun, account_id: str, region: str) -> None:
    """Put the event of a run that has ended."""
    detail = {
        "jobName": run.job_name,
        "severity": _SEVERITY.get(run.state, "INFO"),
        "state": run.state,
        "jobRunId": run.job_run_id,
        "message": _MESSAGE.get(run.state) or run.error_message or "",
    }
    put_event(account_id, region, "aws.glue", "Glue Job State Change", detail, [])
