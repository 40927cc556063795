output "task_role_arn" {
  description = "Role of the recorder."
  value       = aws_iam_role.task.arn
}

output "cluster_name" {
  description = "Cluster of the service."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}
