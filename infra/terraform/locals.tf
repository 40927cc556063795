data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  suffix    = coalesce(var.bucket_suffix, "-${local.account}")
  tags = {
    Project     = var.project
    Environment = var.environment
    ManagedBy   = "terraform"
  }

  steps = ["raw_to_bronze", "bronze_to_silver", "silver_to_gold", "publish", "maintain", "restore", "replay"]

  layers = ["raw", "bronze", "silver", "gold", "rejected", "metadata", "temp", "logs"]

  # Domain -> layer -> bucket.
  bucket_of = {
    for domain, one in var.domains : domain => {
      for layer in local.layers : layer => "${lookup(one.buckets, layer, one.buckets["*"])}${local.suffix}"
    }
  }
  # Bucket's name -> domain that owns it.
  owner_of = merge([
    for domain, one in var.domains : { for name in distinct(values(one.buckets)) : "${name}${local.suffix}" => domain }
  ]...)
  shared_bucket = "${var.domains["ecommerce"].buckets["*"]}${local.suffix}"

  restricted = toset([for domain, one in var.domains : domain if one.restricted])

  # The role of the jobs of one prefix, shared by the domains that have it.
  job_prefixes = toset([for one in values(var.domains) : one.job_prefix])
  roles_arn    = "arn:${local.partition}:iam::${local.account}:role"
  glue_roles   = { for prefix in local.job_prefixes : prefix => "${prefix}glue" }
  mwaa_role    = "${var.project}-mwaa"

  topic_names       = { failures = "${var.project}-alerts", quality = "${var.project}-quality", delays = "${var.project}-delays" }
  metrics_log_group = "/${var.project}/metrics"
}
