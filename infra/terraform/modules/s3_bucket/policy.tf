# What principals may do, their own policies say; the bucket's policy says who and how.
locals {
  account_root = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
  arns = {
    for key, bucket in var.buckets : key => "arn:${data.aws_partition.current.partition}:s3:::${bucket.name}"
  }

  https_only = {
    for key, arn in local.arns : key => {
      Sid       = "LakehouseHttpsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [arn, "${arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }

  # A condition, not a list of principals: S3 refuses a list that names a role not yet made.
  named_only = {
    for key, bucket in var.buckets : key => {
      Sid       = "LakehouseNamedRolesOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arns[key], "${local.arns[key]}/*"]
      Condition = {
        ArnNotLike = { "aws:PrincipalArn" = sort(concat(bucket.allowed_principal_arns, [local.account_root], local.replication_role_arns[key])) }
        # Services that deliver for the account have no PrincipalArn.
        BoolIfExists = { "aws:PrincipalIsAWSService" = "false" }
      }
    } if length(bucket.allowed_principal_arns) > 0
  }

  # S3 copies as the replication role, which the policy must let in too.
  replication_role_arns = {
    for key, bucket in var.buckets : key => bucket.replica_arn == null ? [] : [
      "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/${local.replication_role_names[key]}"
    ]
  }

  log_delivery = {
    for key, bucket in var.buckets : key => [
      {
        Sid       = "AccessLogDelivery"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.arns[key]}/*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Sid       = "TrailAclCheck"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = local.arns[key]
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Sid       = "TrailDelivery"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.arns[key]}/AWSLogs/${data.aws_caller_identity.current.account_id}/*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
            "s3:x-amz-acl"      = "bucket-owner-full-control"
          }
        }
      },
    ] if bucket.receives_logs
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id
  # S3 takes one change of a bucket's access at a time.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.https_only[each.key]],
      [for statement in [lookup(local.named_only, each.key, null)] : statement if statement != null],
      lookup(local.log_delivery, each.key, []),
    )
  })
}
