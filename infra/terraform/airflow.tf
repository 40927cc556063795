locals {
  mwaa_name = "${var.project}-${var.environment}"

  # Options of the section engine become the engine's variables (config/startup.sh).
  engine = {
    for name, value in local.lakehouse_environment :
    "engine.${lower(trimprefix(replace(replace(name, "ECOM_S3_", ""), "ECOM_AWS_", ""), "LAKEHOUSE_"))}" => value
  }
  airflow_options = merge(local.engine, {
    "lakehouse.sns_topic_arn"         = module.monitoring.topic_arns["failures"]
    "lakehouse.sns_quality_topic_arn" = module.monitoring.topic_arns["quality"]
    "lakehouse.sns_delay_topic_arn"   = module.monitoring.topic_arns["delays"]
    "lakehouse.metrics_log_group"     = module.monitoring.metrics_log_group
    "lakehouse.arrivals_queue"        = module.events.queue_url
    "lakehouse.runbooks_url"          = var.runbooks_url
  })
}

module "mwaa" {
  source = "./modules/mwaa"
  count  = var.enable_mwaa ? 1 : 0

  name               = local.mwaa_name
  environment_class  = var.mwaa.environment_class
  workers            = var.mwaa.workers
  access_mode        = var.mwaa.access_mode
  execution_role_arn = module.iam.mwaa_role_arn
  source_bucket_arn  = module.buckets.bucket_arns[var.domains["ecommerce"].buckets["*"]]
  dag_path           = "mwaa/first/dags"
  requirements_path  = "mwaa/first/requirements.txt"
  configuration      = local.airflow_options
  vpc_id             = module.network[0].vpc_id
  subnet_ids         = slice(module.network[0].private_subnet_ids, 0, 2)
  depends_on         = [module.first_files]
}

module "trigger" {
  source = "./modules/trigger"
  count  = var.enable_trigger ? 1 : 0

  name               = "${var.project}-trigger"
  package            = abspath("${path.root}/${var.trigger_package}")
  environment_name   = local.mwaa_name
  schedules          = var.schedules
  kms_key_arn        = module.operations_key.arn
  log_retention_days = var.log_retention_days
}
