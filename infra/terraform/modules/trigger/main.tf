data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  here      = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  partition = data.aws_partition.current.partition
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-failed"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:It calls one public API of AWS with its role; a network would add cost and no protection
  #checkov:skip=CKV_AWS_272:The package is built from this repository by the pipeline that applies it; its hash is in the plan
  function_name                  = var.name
  description                    = "Starts runs of DAGs of ${var.environment_name}"
  role                           = aws_iam_role.this.arn
  runtime                        = "python3.13"
  handler                        = "handler.handler"
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  timeout                        = 60
  reserved_concurrent_executions = 2
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags
  depends_on                     = [aws_cloudwatch_log_group.this]

  environment {
    variables = { MWAA_ENVIRONMENT = var.environment_name }
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" },
    ]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name = "trigger"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "CallAirflow"
        Effect   = "Allow"
        Action   = ["airflow:InvokeRestApi"]
        Resource = "arn:${local.partition}:airflow:${local.here}:role/${var.environment_name}/${var.airflow_role}"
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
      {
        Sid      = "KeepFailed"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = aws_sqs_queue.failed.arn
      },
      {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.kms_key_arn
      },
      {
        # X-Ray's actions know no resource.
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
    ]
  })
}
