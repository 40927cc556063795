# One key for each restricted domain: who may not use it cannot read the data, whatever a bucket's policy says.
module "domain_key" {
  source   = "./modules/kms_key"
  for_each = local.restricted

  alias       = "${var.project}-${each.key}"
  description = "Data of the domain ${each.key}"
  log_groups  = true
}

module "operations_key" {
  source = "./modules/kms_key"

  alias       = "${var.project}-operations"
  description = "Logs, alerts and trails"
  services    = ["cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"]
  log_groups  = true
}
