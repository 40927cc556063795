mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  buckets = {
    raw  = { name = "lake-raw" }
    gold = { name = "lake-gold", allowed_principal_arns = ["arn:aws:iam::123456789012:role/reader"] }
  }
}

run "names_are_told_by_key" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this["raw"].bucket == "lake-raw" && length(aws_s3_bucket.this) == 2
    error_message = "one bucket for each entry"
  }
}

run "closed_by_default" {
  command = plan

  assert {
    condition = alltrue([
      for block in values(aws_s3_bucket_public_access_block.this) :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "every bucket is closed to the public"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this["raw"].versioning_configuration[0].status == "Enabled"
    error_message = "versions are kept"
  }

  assert {
    condition = alltrue([
      for policy in values(aws_s3_bucket_policy.this) :
      jsondecode(policy.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ])
    error_message = "plain HTTP is denied first"
  }
}

run "named_roles_only_where_some_are_named" {
  command = plan

  assert {
    condition     = length(jsondecode(aws_s3_bucket_policy.this["raw"].policy).Statement) == 1
    error_message = "raw names nobody: IAM policies decide"
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this["gold"].policy).Statement[1].Condition.ArnNotLike["aws:PrincipalArn"] == [
      "arn:aws:iam::123456789012:role/reader", "arn:aws:iam::123456789012:root",
    ]
    error_message = "gold lets in its reader and the account's root"
  }
}

run "a_key_encrypts_instead_of_s3" {
  command = plan

  variables {
    buckets = { raw = { name = "lake-raw", kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1" } }
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this["raw"].rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "SSE-KMS"
  }
}

run "a_replica_gets_a_role_that_writes_it_alone" {
  command = plan

  variables {
    buckets = { raw = { name = "lake-raw", replica_arn = "arn:aws:s3:::elsewhere" } }
  }

  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.replication["raw"].policy).Statement : s.Resource if s.Sid == "WriteReplicas"]) == "arn:aws:s3:::elsewhere/*"
    error_message = "replicas go to the named bucket"
  }
}

run "a_replica_needs_versions" {
  command = plan

  variables {
    enable_versioning = false
    buckets           = { raw = { name = "lake-raw", replica_arn = "arn:aws:s3:::elsewhere" } }
  }

  expect_failures = [var.enable_versioning]
}

run "a_bad_name_is_refused" {
  command = plan

  variables {
    buckets = { raw = { name = "Lake_Raw" } }
  }

  expect_failures = [var.buckets]
}
