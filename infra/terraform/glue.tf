locals {
  scripts_uri = "s3://${module.buckets.bucket_names[var.domains["ecommerce"].buckets["*"]]}/scripts"

  # Those of lakehouse/operations/glue_jobs.py; a test compares the two.
  log_store = "lakehouse.S3ConditionalPutLogStore"
  spark_conf = [
    "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.delta.logStore.s3.impl=${local.log_store}",
    "spark.delta.logStore.s3a.impl=${local.log_store}",
  ]
  default_arguments = {
    "--extra-jars"                       = "${local.scripts_uri}/lakehouse-log-store.jar"
    "--datalake-formats"                 = "delta"
    "--conf"                             = join(" --conf ", local.spark_conf)
    "--enable-metrics"                   = "true"
    "--enable-continuous-cloudwatch-log" = "true"
    "--job-language"                     = "python"
  }

  jobs = merge([
    for prefix in local.job_prefixes : { for step in local.steps : "${prefix}${step}" => { prefix = prefix, step = step } }
  ]...)
}

# Logs and bookmarks of restricted domains are encrypted with their own key too.
resource "aws_glue_security_configuration" "restricted" {
  for_each = local.restricted

  name = "${var.project}-${each.key}"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = module.domain_key[each.key].arn
    }
    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = module.domain_key[each.key].arn
    }
    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = module.domain_key[each.key].arn
    }
  }
}

module "glue_job" {
  source   = "./modules/glue_job"
  for_each = local.jobs

  name              = each.key
  description       = "lakehouse step ${each.value.step}"
  role_arn          = module.iam.glue_role_arns[each.value.prefix]
  script_location   = module.first_scripts.script_uris[each.value.step]
  default_arguments = local.default_arguments
  glue_version      = var.glue.version
  worker_type       = var.glue.worker_type
  number_of_workers = var.glue.number_of_workers
  timeout_minutes   = var.glue.timeout_minutes
  security_configuration = one([
    for domain in local.restricted : aws_glue_security_configuration.restricted[domain].name
    if var.domains[domain].job_prefix == each.value.prefix
  ])
}
