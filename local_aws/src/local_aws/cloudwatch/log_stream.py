"""Log streams that publish the metrics in their lines."""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs import models

from local_aws.cloudwatch.embedded_metrics import metrics_of


class MeteredLogStream(models.LogStream):  # type: ignore[misc]
    """One log stream."""

    def put_log_events(self, log_events: list[dict[str, Any]]) -> str:
        token: str = super().put_log_events(log_events)
        for event in log_events:
            for namespace, entry in metrics_of(event["message"]):
                cloudwatch_backends[self.account_id][self.region].put_metric_data(namespace, [entry])
        return token
