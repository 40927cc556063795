resource "aws_glue_job" "this" {
  #checkov:skip=CKV_AWS_195:The root gives a security configuration to every job; the variable is optional so that the module can be used without one
  name                   = var.name
  description            = var.description
  role_arn               = var.role_arn
  glue_version           = var.glue_version
  worker_type            = var.worker_type
  number_of_workers      = var.number_of_workers
  timeout                = var.timeout_minutes
  security_configuration = var.security_configuration
  default_arguments      = var.default_arguments
  # Retries live in Airflow, where they are seen; two places of retries multiply.
  max_retries     = 0
  execution_class = "STANDARD"
  tags            = var.tags

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = var.script_location
  }

  execution_property {
    max_concurrent_runs = var.max_concurrent_runs
  }

  lifecycle {
    # What runs is a deployment's choice (docs/adr/0010): it moves these, and a rollback moves them back.
    ignore_changes = [
      command[0].script_location,
      default_arguments["--extra-py-files"],
      default_arguments["--extra-jars"],
      default_arguments["--python-virtual-env"],
      default_arguments["--expectations-uri"],
    ]
  }
}
