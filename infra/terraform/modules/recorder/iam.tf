locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" },
    ]
  })
  bucket_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
}

# The task adds segments and sees whether a name is taken; it reads no table and deletes nothing.
resource "aws_iam_role" "task" {
  name               = var.name
  assume_role_policy = local.trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "task" {
  name = "record"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ListSegments"
        Effect    = "Allow"
        Action    = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource  = local.bucket_arn
        Condition = { StringLike = { "s3:prefix" = ["raw/*"] } }
      },
      {
        # A segment that is loaded already lies on another shelf of raw/: its name is looked for there.
        Sid      = "SeeSegments"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "${local.bucket_arn}/raw/*"
      },
      {
        Sid      = "AddSegments"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = "${local.bucket_arn}/raw/ready/*"
      },
      {
        Sid       = "MountDisk"
        Effect    = "Allow"
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.this.arn
        Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = aws_efs_access_point.this.arn } }
      },
    ]
  })
}

# What Fargate needs before the task runs: the image and the log stream.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-start"
  assume_role_policy = local.trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The action knows no resource.
        Sid      = "RegistryToken"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = "*"
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:${data.aws_partition.current.partition}:ecr:${data.aws_region.current.name}:*:repository/lakehouse*"
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
    ]
  })
}
