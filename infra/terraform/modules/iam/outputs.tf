output "glue_role_arns" {
  description = "Prefix of the jobs' names to the ARN of their role."
  value       = { for prefix, role in aws_iam_role.glue : prefix => role.arn }
}

output "mwaa_role_arn" {
  description = "Role of Airflow's environment."
  value       = aws_iam_role.mwaa.arn
}
