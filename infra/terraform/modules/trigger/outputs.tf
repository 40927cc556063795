output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_name" {
  description = "Role of the function."
  value       = aws_iam_role.this.name
}

output "failed_queue_name" {
  description = "Calls that failed three times."
  value       = aws_sqs_queue.failed.name
}
