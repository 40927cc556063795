output "work_group_arns" {
  description = "Name to ARN."
  value       = { for name, group in aws_athena_workgroup.this : name => group.arn }
}
