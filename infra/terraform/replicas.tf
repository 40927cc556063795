provider "aws" {
  alias  = "replica"
  region = coalesce(var.replica_region, var.region)

  default_tags {
    tags = local.tags
  }
}

locals {
  # Raw files are the sources' own, bronze follows from them, metadata from runs: what people read is kept twice.
  replicated = var.replica_region == null ? {} : local.owner_of
}

module "replica_key" {
  source   = "./modules/kms_key"
  for_each = var.replica_region == null ? [] : local.restricted

  providers = { aws = aws.replica }

  alias       = "${var.project}-${each.key}-replica"
  description = "Replicas of the domain ${each.key}"
}

module "replicas" {
  source = "./modules/s3_bucket"
  count  = var.replica_region == null ? 0 : 1

  providers = { aws = aws.replica }

  buckets = {
    for name, domain in local.replicated : trimsuffix(name, local.suffix) => {
      name            = "${name}-replica"
      force_destroy   = var.force_destroy
      kms_key_arn     = one([for one in local.restricted : module.replica_key[one].arn if one == domain])
      lifecycle_rules = [{ id = "noncurrent", noncurrent_expiration_days = 30, abort_incomplete_multipart_upload_days = 7 }]
    }
  }
}
