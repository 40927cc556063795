# A Glue job: all of its own domains' buckets, and of the shared bucket only what was deployed.
resource "aws_iam_role" "glue" {
  for_each = var.glue_roles

  name        = each.value.name
  description = "Glue jobs ${each.key}*"
  # Glue assumes the role without a source account in its context: aws:SourceAccount would lock the jobs out.
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.trust["glue"]] })
  tags               = var.tags
}

resource "aws_iam_role_policy" "glue" {
  for_each = var.glue_roles

  name = "jobs"
  role = aws_iam_role.glue[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ListOwnBuckets"
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
          Resource = [for bucket in each.value.buckets : "${local.s3}${bucket}"]
        },
        {
          # Delta deletes candidates and what VACUUM finds; S3A aborts uploads of tasks that failed.
          Sid      = "OwnObjects"
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
          Resource = [for bucket in each.value.buckets : "${local.s3}${bucket}/*"]
        },
        {
          Sid       = "ListDeployed"
          Effect    = "Allow"
          Action    = ["s3:ListBucket"]
          Resource  = "${local.s3}${var.scripts_bucket}"
          Condition = { StringLike = { "s3:prefix" = ["releases/*", "scripts/*"] } }
        },
        {
          Sid      = "ReadDeployed"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${local.s3}${var.scripts_bucket}/releases/*", "${local.s3}${var.scripts_bucket}/scripts/*"]
        },
        {
          Sid    = "WriteLogs"
          Effect = "Allow"
          Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"]
          # Names of streams are run ids.
          Resource = ["arn:${local.partition}:logs:${local.here}:log-group:/aws-glue/*"]
        },
        {
          Sid    = "PublishMetrics"
          Effect = "Allow"
          Action = ["cloudwatch:PutMetricData"]
          # The action knows no resource; the condition narrows it to Glue's own metrics.
          Resource  = "*"
          Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
        },
      ],
      length(each.value.kms_key_arns) == 0 ? [] : [{
        Sid      = "UseKeys"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = each.value.kms_key_arns
      }],
      length(each.value.secret_names) == 0 ? [] : [{
        Sid    = "ReadSecrets"
        Effect = "Allow"
        Action = ["secretsmanager:GetSecretValue"]
        # Secrets Manager ends a secret's ARN with six characters of its own.
        Resource = [for name in each.value.secret_names : "arn:${local.partition}:secretsmanager:${local.here}:secret:${name}-??????"]
      }],
    )
  })
}
