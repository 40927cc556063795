output "name" {
  description = "Name of the job."
  value       = aws_glue_job.this.name
}

output "arn" {
  description = "ARN of the job."
  value       = aws_glue_job.this.arn
}
