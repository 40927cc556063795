data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  use       = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

  account_decides = {
    # IAM policies of this account decide, as AWS's own default key policy has it; in a key policy * is this key.
    Sid       = "AccountDecides"
    Effect    = "Allow"
    Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }
  services = {
    Sid       = "ServicesOfThisAccount"
    Effect    = "Allow"
    Principal = { Service = var.services }
    Action    = local.use
    Resource  = "*"
    Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
  }
  logs = {
    Sid       = "LogGroups"
    Effect    = "Allow"
    Principal = { Service = "logs.${local.region}.amazonaws.com" }
    Action    = local.use
    Resource  = "*"
    Condition = {
      ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:*" }
    }
  }
}

resource "aws_kms_key" "this" {
  #checkov:skip=CKV2_AWS_64:The policy is below; checkov does not evaluate concat
  description             = var.description
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.account_decides],
      [for statement in [local.services] : statement if length(var.services) > 0],
      [for statement in [local.logs] : statement if var.log_groups],
    )
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.alias}"
  target_key_id = aws_kms_key.this.key_id
}
