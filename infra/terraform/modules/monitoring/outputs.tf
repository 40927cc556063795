output "topic_arn" {
  description = "Topic of alerts: Airflow's `[lakehouse] sns_topic_arn`."
  value       = aws_sns_topic.alerts.arn
}
