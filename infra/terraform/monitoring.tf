module "monitoring" {
  source = "./modules/monitoring"

  name           = "${var.project}-${var.environment}"
  topic_names    = local.topic_names
  emails         = var.alert_emails
  kms_key_arn    = module.operations_key.arn
  arrivals_queue = module.events.queue_name
  queues = merge(
    { "Arrivals that five reads did not delete" = module.events.dead_letter_queue_name },
    var.enable_trigger ? { "Runs that could not be started" = module.trigger[0].failed_queue_name } : {},
  )
  glue_jobs          = keys(local.jobs)
  recorder           = var.recorder == null ? null : { cluster = module.recorder[0].cluster_name, service = module.recorder[0].service_name }
  monthly_budget_usd = var.monthly_budget_usd
  runbooks_url       = var.runbooks_url

  metrics_log_group     = local.metrics_log_group
  log_retention_days    = var.log_retention_days
  domains               = keys(var.domains)
  rejected_share_limits = local.rejected_share_limits
}

module "audit" {
  source = "./modules/audit"
  count  = var.enable_audit ? 1 : 0

  name         = "${var.project}-${var.environment}"
  log_bucket   = module.log_bucket.bucket_names["logs"]
  kms_key_arn  = module.operations_key.arn
  data_buckets = [for name, domain in local.owner_of : name if contains(local.restricted, domain)]
}
