resource "aws_security_group" "this" {
  name        = "${var.name}-airflow"
  description = "Parts of Airflow talk to each other and, over HTTPS, to AWS"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "self" {
  security_group_id            = aws_security_group.this.id
  description                  = "Parts of Airflow among themselves"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "self" {
  security_group_id            = aws_security_group.this.id
  description                  = "Parts of Airflow among themselves"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "Services of AWS, and PyPI where the network reaches it"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_mwaa_environment" "this" {
  #checkov:skip=CKV_AWS_66:Logs of the web server are on; checkov reads only some of the blocks
  name                            = var.name
  airflow_version                 = var.airflow_version
  environment_class               = var.environment_class
  min_workers                     = var.workers.min
  max_workers                     = var.workers.max
  execution_role_arn              = var.execution_role_arn
  source_bucket_arn               = var.source_bucket_arn
  dag_s3_path                     = var.dag_path
  requirements_s3_path            = var.requirements_path
  airflow_configuration_options   = var.configuration
  webserver_access_mode           = var.access_mode
  kms_key                         = var.kms_key_arn
  weekly_maintenance_window_start = "SUN:03:30"
  tags                            = var.tags

  network_configuration {
    security_group_ids = [aws_security_group.this.id]
    subnet_ids         = var.subnet_ids
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = "WARNING"
    }
    scheduler_logs {
      enabled   = true
      log_level = "WARNING"
    }
    task_logs {
      enabled   = true
      log_level = "INFO"
    }
    webserver_logs {
      enabled   = true
      log_level = "WARNING"
    }
    worker_logs {
      enabled   = true
      log_level = "WARNING"
    }
  }

  lifecycle {
    # What runs is a deployment's choice (docs/adr/0010): it moves these, and a rollback moves them back.
    ignore_changes = [
      dag_s3_path,
      plugins_s3_path,
      plugins_s3_object_version,
      requirements_s3_path,
      requirements_s3_object_version,
      startup_script_s3_path,
      startup_script_s3_object_version,
    ]
  }
}
