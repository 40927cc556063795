output "webserver_url" {
  description = "Airflow's UI."
  value       = aws_mwaa_environment.this.webserver_url
}

output "arn" {
  description = "ARN of the environment."
  value       = aws_mwaa_environment.this.arn
}
