module "log_bucket" {
  source = "./modules/s3_bucket"

  buckets = {
    logs = {
      name          = "${var.project}-logs${local.suffix}"
      receives_logs = true
      access_logs   = false
      force_destroy = var.force_destroy
      lifecycle_rules = [{
        id                                     = "expire"
        expiration_days                        = var.log_retention_days
        noncurrent_expiration_days             = 30
        abort_incomplete_multipart_upload_days = 7
      }]
    }
  }
}

module "buckets" {
  source = "./modules/s3_bucket"

  enable_access_logs = true
  access_log_bucket  = module.log_bucket.bucket_names["logs"]
  buckets = {
    for name, domain in local.owner_of : trimsuffix(name, local.suffix) => {
      name                   = name
      force_destroy          = var.force_destroy
      allowed_principal_arns = local.principals_of[name]
      lifecycle_rules        = local.lifecycle_rules
      replica_arn            = var.replica_region == null ? null : "arn:${local.partition}:s3:::${name}-replica"
      replica_kms_key_arn = one([
        for one in var.replica_region == null ? [] : local.restricted : module.replica_key[one].arn if one == domain
      ])
      kms_key_arn = one([for name in local.restricted : module.domain_key[name].arn if name == domain])
    }
  }
}

locals {
  # Every role reads what is deployed, which is in the shared bucket; its policy allows it no more of it.
  principals_of = {
    for name, domain in local.owner_of : name => concat(
      var.administrator_arns,
      [for role in ["admin", "deploy", "plan"] : "${local.roles_arn}/${var.project}-${role}"],
      ["${local.roles_arn}/${local.mwaa_role}"],
      [for prefix, role in local.glue_roles : "${local.roles_arn}/${role}"
      if name == local.shared_bucket || prefix == var.domains[domain].job_prefix],
      domain == "market_data" ? ["${local.roles_arn}/${var.project}-recorder"] : [],
    )
  }
}
