"""How long data is seen, by the length of the periods that are asked for."""

from datetime import timedelta

import pytest


@pytest.mark.conforms(
    "cloudwatch:GetMetricStatistics",
    "AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html",
    "After 15 days, this data is still available, but is aggregated and retrievable only with a resolution of 5 "
    "minutes. After 63 days, the data is further aggregated and is available with a resolution of 1 hour.",
    differs="all data is kept until the server ends; answers leave out what AWS no longer has",
)
@pytest.mark.parametrize(
    ("age", "shortest"),
    [
        (timedelta(hours=2), 10),
        (timedelta(hours=4), 60),
        (timedelta(days=16), 300),
        (timedelta(days=64), 3600),
        (timedelta(days=456), None),
    ],
    ids=str,
)
def test_old_data_is_seen_in_long_periods_alone(cloudwatch, namespace, minutes_ago, age, shortest):
    at = minutes_ago(0) - age
    datum = {"MetricName": "Errors", "Timestamp": at, "Value": 1}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])
    asked = {"Namespace": namespace, "MetricName": "Errors", "Statistics": ["Sum"]}
    around = {"StartTime": at - timedelta(hours=1), "EndTime": at + timedelta(hours=1)}
    seen = [
        period
        for period in (10, 60, 300, 3600)
        if cloudwatch.get_metric_statistics(**asked, **around, Period=period)["Datapoints"]
    ]
    assert seen == [period for period in (10, 60, 300, 3600) if shortest and period >= shortest]
