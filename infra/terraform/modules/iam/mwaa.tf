# Airflow starts, follows and stops jobs, reads verdicts, puts raw files away, asks Athena, tells SNS.
resource "aws_iam_role" "mwaa" {
  name        = var.mwaa.role_name
  description = "Airflow environment ${var.mwaa.environment_name}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.trust["airflow"], local.trust["airflow-env"]]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "mwaa" {
  for_each = {
    environment = local.mwaa_environment
    pipelines   = concat(local.mwaa_glue, local.mwaa_storage, local.mwaa_messages)
    athena      = local.mwaa_athena
  }

  name   = each.key
  role   = aws_iam_role.mwaa.id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

locals {
  # What MWAA itself asks for: https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html
  mwaa_environment = [
    {
      Sid      = "AirflowMetrics"
      Effect   = "Allow"
      Action   = ["airflow:PublishMetrics"]
      Resource = "arn:${local.partition}:airflow:${local.here}:environment/${var.mwaa.environment_name}"
    },
    {
      Sid      = "ReadSource"
      Effect   = "Allow"
      Action   = ["s3:GetBucketPublicAccessBlock", "s3:GetEncryptionConfiguration", "s3:ListBucket"]
      Resource = "${local.s3}${var.mwaa.source_bucket}"
    },
    {
      Sid      = "ReadSourceObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["${local.s3}${var.mwaa.source_bucket}/mwaa/*", "${local.s3}${var.mwaa.source_bucket}/releases/*"]
    },
    {
      # The action knows no resource; MWAA refuses to start without it.
      Sid      = "AccountPublicAccess"
      Effect   = "Allow"
      Action   = ["s3:GetAccountPublicAccessBlock"]
      Resource = "*"
    },
    {
      Sid    = "AirflowLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:GetLogEvents", "logs:GetLogGroupFields",
        "logs:GetLogRecord", "logs:GetQueryResults", "logs:PutLogEvents",
      ]
      Resource = "arn:${local.partition}:logs:${local.here}:log-group:airflow-${var.mwaa.environment_name}-*"
    },
    {
      # The action knows no resource.
      Sid      = "DescribeLogGroups"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = "*"
    },
    {
      # The action knows no resource; the condition narrows it to Airflow's own metrics.
      Sid       = "EnvironmentMetrics"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = "AmazonMWAA" } }
    },
    {
      # Celery's queue belongs to an account of the service's.
      Sid    = "CeleryQueue"
      Effect = "Allow"
      Action = [
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
        "sqs:ReceiveMessage", "sqs:SendMessage",
      ]
      Resource = "arn:${local.partition}:sqs:${var.region}:*:airflow-celery-*"
    },
    {
      # The key of Celery's queue is the service's own, in its account.
      Sid         = "CeleryKey"
      Effect      = "Allow"
      Action      = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
      NotResource = "arn:${local.partition}:kms:*:${local.account}:key/*"
      Condition   = { StringLike = { "kms:ViaService" = ["sqs.${var.region}.amazonaws.com"] } }
    },
    {
      # Airflow's secrets backend; secrets of jobs are not under these prefixes.
      Sid    = "AirflowSecrets"
      Effect = "Allow"
      Action = ["secretsmanager:GetSecretValue"]
      Resource = [
        "arn:${local.partition}:secretsmanager:${local.here}:secret:airflow/connections/*",
        "arn:${local.partition}:secretsmanager:${local.here}:secret:airflow/variables/*",
      ]
    },
  ]

  mwaa_glue = [
    {
      Sid    = "RunJobs"
      Effect = "Allow"
      Action = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
      Resource = flatten([for prefix in keys(var.glue_roles) : [
        for step in ["raw_to_bronze", "bronze_to_silver", "silver_to_gold", "publish", "maintain", "restore", "replay"] :
        "arn:${local.partition}:glue:${local.here}:job/${prefix}${step}"
      ]])
    },
    {
      Sid      = "ReadJobLogs"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
      Resource = "arn:${local.partition}:logs:${local.here}:log-group:/aws-glue/*"
    },
  ]

  mwaa_storage = concat(
    [
      {
        Sid      = "ListBuckets"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [for bucket in var.mwaa.buckets : "${local.s3}${bucket}"]
      },
      {
        # Verdicts, plans and decisions; the files that a run has read move below raw/.
        Sid    = "DocumentsAndArrivals"
        Effect = "Allow"
        Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"]
        Resource = flatten([for bucket in var.mwaa.buckets : [
          "${local.s3}${bucket}/metadata/*", "${local.s3}${bucket}/raw/*",
        ]])
      },
      {
        Sid    = "PutAway"
        Effect = "Allow"
        Action = ["s3:DeleteObject"]
        Resource = flatten([for bucket in var.mwaa.buckets : [
          "${local.s3}${bucket}/raw/*",
          "${local.s3}${bucket}/bronze/processing/*",
          "${local.s3}${bucket}/silver/processing/*",
          "${local.s3}${bucket}/gold/processing/*",
        ]])
      },
    ],
    length(var.mwaa.kms_key_arns) == 0 ? [] : [{
      Sid      = "UseKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = var.mwaa.kms_key_arns
    }],
  )

  mwaa_messages = [
    {
      Sid      = "Alert"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = var.mwaa.topic_arns
    },
    {
      Sid      = "TellMetrics"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [for group in var.mwaa.log_groups : "arn:${local.partition}:logs:${local.here}:log-group:${group}:*"]
    },
    {
      Sid      = "Arrivals"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = var.mwaa.queue_arn
    },
  ]
}
