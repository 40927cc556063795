module "iam" {
  source = "./modules/iam"

  project        = var.project
  region         = var.region
  scripts_bucket = local.shared_bucket
  glue_roles = {
    for prefix, role in local.glue_roles : prefix => {
      name = role
      buckets = [
        for name, domain in local.owner_of : name if var.domains[domain].job_prefix == prefix
      ]
      kms_key_arns = [
        for domain in local.restricted : module.domain_key[domain].arn if var.domains[domain].job_prefix == prefix
      ]
      secret_names = flatten([for domain in values(var.domains) : domain.secrets if domain.job_prefix == prefix])
    }
  }
  mwaa = {
    role_name        = local.mwaa_role
    environment_name = "${var.project}-${var.environment}"
    source_bucket    = local.shared_bucket
    buckets          = keys(local.owner_of)
    databases        = [for domain in keys(var.domains) : "${domain}_*"]
    kms_key_arns     = [for domain in local.restricted : module.domain_key[domain].arn]
    work_groups      = [var.project]
    queue_arn        = "arn:${local.partition}:sqs:${var.region}:${local.account}:${var.project}-arrivals"
    topic_arns       = [for name in values(local.topic_names) : "arn:${local.partition}:sns:${var.region}:${local.account}:${name}"]
    log_groups       = [local.metrics_log_group]
  }
}
