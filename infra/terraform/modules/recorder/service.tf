data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  write_ahead_dir = "/var/lib/recorder"
  health_port     = 8089
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  tags                     = var.tags

  container_definitions = jsonencode([{
    name  = "recorder"
    image = var.image
    command = [
      "lakehouse", "record", "coinbase",
      "--products", join(",", var.products),
      "--write-ahead-dir", local.write_ahead_dir,
      "--health-port", tostring(local.health_port),
    ]
    essential              = true
    user                   = "1000:1000"
    readonlyRootFilesystem = true
    # The recorder finishes and uploads its segment at SIGTERM.
    stopTimeout = 120
    environment = [for key in sort(keys(var.environment)) : { name = key, value = var.environment[key] }]
    mountPoints = [{ sourceVolume = "write-ahead", containerPath = local.write_ahead_dir, readOnly = false }]
    healthCheck = {
      command = [
        "CMD", "python", "-c",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:${local.health_port}/health', timeout=4)",
      ]
      interval = 30
      retries  = 3
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "recorder"
      }
    }
  }])

  volume {
    name = "write-ahead"

    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.this.id
      transit_encryption = "ENABLED"

      authorization_config {
        access_point_id = aws_efs_access_point.this.id
        iam             = "ENABLED"
      }
    }
  }
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 1
  launch_type     = "FARGATE"
  #checkov:skip=CKV_AWS_332:1.4.0 is what LATEST means, and stays what was tested
  platform_version = "1.4.0"
  # One recorder a write-ahead directory: the old one ends before the new one begins.
  deployment_maximum_percent         = 100
  deployment_minimum_healthy_percent = 0
  tags                               = var.tags
  depends_on                         = [aws_efs_mount_target.this]

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }
}
