locals {
  replicated             = { for key, bucket in var.buckets : key => bucket if bucket.replica_arn != null }
  replication_role_names = { for key, bucket in var.buckets : key => "replication-${substr(md5(bucket.name), 0, 12)}" }
}

resource "aws_iam_role" "replication" {
  for_each = local.replicated

  name        = local.replication_role_names[each.key]
  description = "S3 copies ${each.value.name} to another region"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "replication" {
  for_each = local.replicated

  name = "replicate"
  role = aws_iam_role.replication[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ReadConfiguration"
          Effect   = "Allow"
          Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
          Resource = local.arns[each.key]
        },
        {
          Sid    = "ReadVersions"
          Effect = "Allow"
          Action = [
            "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
          ]
          Resource = "${local.arns[each.key]}/*"
        },
        {
          Sid      = "WriteReplicas"
          Effect   = "Allow"
          Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
          Resource = "${each.value.replica_arn}/*"
        },
      ],
      each.value.kms_key_arn == null ? [] : [
        { Sid = "Decrypt", Effect = "Allow", Action = ["kms:Decrypt"], Resource = each.value.kms_key_arn },
      ],
      each.value.replica_kms_key_arn == null ? [] : [
        { Sid = "Encrypt", Effect = "Allow", Action = ["kms:Encrypt"], Resource = each.value.replica_kms_key_arn },
      ],
    )
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.replicated

  bucket = aws_s3_bucket.this[each.key].id
  role   = aws_iam_role.replication[each.key].arn

  depends_on = [aws_s3_bucket_versioning.this]

  rule {
    id     = "all"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = each.value.kms_key_arn == null ? [] : [1]

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket        = each.value.replica_arn
      storage_class = "STANDARD_IA"

      dynamic "encryption_configuration" {
        for_each = each.value.replica_kms_key_arn == null ? [] : [1]

        content {
          replica_kms_key_id = each.value.replica_kms_key_arn
        }
      }
    }
  }
}
