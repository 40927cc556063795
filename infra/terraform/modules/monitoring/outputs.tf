output "topic_arns" {
  description = "Topics of alerts, by `failures`, `quality` and `delays`: Airflow's `[lakehouse] sns_…_topic_arn`."
  value       = { for kind, topic in aws_sns_topic.alerts : kind => topic.arn }
}

output "metrics_log_group" {
  description = "Log group of metrics: Airflow's `[lakehouse] metrics_log_group`."
  value       = aws_cloudwatch_log_group.metrics.name
}
