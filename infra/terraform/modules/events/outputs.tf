output "queue_url" {
  description = "URL of the queue of arrivals: Airflow's `[lakehouse] arrivals_queue`."
  value       = aws_sqs_queue.arrivals.url
}

output "queue_arn" {
  description = "ARN of the queue of arrivals."
  value       = aws_sqs_queue.arrivals.arn
}

output "queue_name" {
  description = "Name of the queue of arrivals."
  value       = aws_sqs_queue.arrivals.name
}

output "dead_letter_queue_name" {
  description = "Messages that five reads did not delete."
  value       = aws_sqs_queue.dead.name
}
