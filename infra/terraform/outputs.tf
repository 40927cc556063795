locals {
  lakehouse_environment = {
    ECOM_S3_BUCKET_NAME         = local.shared_bucket
    ECOM_AWS_REGION             = var.region
    LAKEHOUSE_ENVIRONMENT       = var.environment
    LAKEHOUSE_STORAGE__BUCKET   = local.bucket_of["market_data"]["raw"]
    LAKEHOUSE_GLUE_ROLE         = local.glue_roles[var.domains["ecommerce"].job_prefix]
    LAKEHOUSE_ATHENA_WORK_GROUP = var.project
    LAKEHOUSE_JOB_PREFIX        = var.domains["ecommerce"].job_prefix
    LAKEHOUSE_JOB_PREFIXES      = jsonencode({ for domain, one in var.domains : domain => one.job_prefix if domain != "ecommerce" })
    LAKEHOUSE_BUCKETS = jsonencode(merge([
      for domain, one in var.domains : {
        for layer, name in one.buckets : (layer == "*" ? domain : "${domain}.${layer}") => "${name}${local.suffix}"
      } if !contains(["ecommerce", "market_data"], domain)
    ]...))
  }
}

output "lakehouse_environment" {
  description = "Variables of the engine (docs/configuration.md), for whoever runs `lakehouse deploy` and the command line."
  value = merge(
    local.lakehouse_environment,
    { LAKEHOUSE_ARRIVALS_QUEUE = module.events.queue_url },
    # Only with MWAA: whoever has another Airflow names it by hand.
    var.enable_mwaa ? {
      LAKEHOUSE_MWAA_ENVIRONMENT = local.mwaa_name
      LAKEHOUSE_AIRFLOW_URL      = "mwaa://${local.mwaa_name}"
    } : {},
  )
}

output "airflow_url" {
  description = "Airflow's UI; null without MWAA."
  value       = one([for environment in module.mwaa : environment.webserver_url])
}

output "bucket_names" {
  description = "Buckets by their names without the suffix."
  value       = module.buckets.bucket_names
}

output "alert_topic_arns" {
  description = "Topics of alerts: failures, quality, delays."
  value       = module.monitoring.topic_arns
}

output "airflow_options" {
  description = "Options of Airflow's environment: MWAA has them; another Airflow must be given them."
  value       = local.airflow_options
}
