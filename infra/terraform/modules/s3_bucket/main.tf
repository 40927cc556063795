data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  with_lifecycle = { for key, bucket in var.buckets : key => bucket if length(bucket.lifecycle_rules) > 0 }
  with_logs      = { for key, bucket in var.buckets : key => bucket if bucket.access_logs && var.enable_access_logs }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:A replica is optional (replica_arn); what a bucket holds can be made again from its sources, or is replicated in prod
  #checkov:skip=CKV_AWS_145:SSE-S3 by default; KMS (kms_key_arn) where patients' data are
  #checkov:skip=CKV2_AWS_62:The module events owns notifications: only buckets that take deliveries have some
  #checkov:skip=CKV2_AWS_61:Lifecycle rules are given for every bucket of the root, a resource apart that checkov does not join over for_each
  #checkov:skip=CKV_AWS_18:Logging is a resource apart; the bucket of the logs does not log itself
  #checkov:skip=CKV_AWS_21:Versioning is a resource apart, on by default
  for_each = var.buckets

  bucket        = each.value.name
  force_destroy = each.value.force_destroy
  tags          = merge(var.tags, { Name = each.value.name })
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = var.enable_versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = var.enable_encryption ? var.buckets : {}

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    # One data key for many objects: without it every read of a file is a call to KMS.
    bucket_key_enabled = each.value.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = var.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = local.with_logs

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = var.access_log_bucket
  target_prefix = "${each.value.name}/"
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  #checkov:skip=CKV_AWS_300:Every bucket of the root has a rule over all objects that aborts uploads after 7 days; checkov reads no dynamic block
  for_each = local.with_lifecycle

  bucket = aws_s3_bucket.this[each.key].id

  # S3 answers with rules of versions only once versioning is known.
  depends_on = [aws_s3_bucket_versioning.this]

  dynamic "rule" {
    for_each = each.value.lifecycle_rules

    content {
      id     = rule.value.id
      status = "Enabled"

      filter {
        prefix = rule.value.prefix
      }

      dynamic "transition" {
        for_each = rule.value.transitions

        content {
          days          = transition.value.days
          storage_class = transition.value.storage_class
        }
      }

      dynamic "expiration" {
        for_each = rule.value.expiration_days == null && rule.value.expired_object_delete_marker == null ? [] : [1]

        content {
          days                         = rule.value.expiration_days
          expired_object_delete_marker = rule.value.expired_object_delete_marker
        }
      }

      dynamic "noncurrent_version_expiration" {
        for_each = rule.value.noncurrent_expiration_days == null ? [] : [1]

        content {
          noncurrent_days = rule.value.noncurrent_expiration_days
        }
      }

      dynamic "abort_incomplete_multipart_upload" {
        for_each = rule.value.abort_incomplete_multipart_upload_days == null ? [] : [1]

        content {
          days_after_initiation = rule.value.abort_incomplete_multipart_upload_days
        }
      }
    }
  }
}
