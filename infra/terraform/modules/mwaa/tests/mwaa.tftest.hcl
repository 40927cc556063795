mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name               = "lakehouse-dev"
  execution_role_arn = "arn:aws:iam::123456789012:role/lakehouse-mwaa"
  source_bucket_arn  = "arn:aws:s3:::lake"
  dag_path           = "mwaa/first/dags"
  requirements_path  = "mwaa/first/requirements.txt"
  configuration      = { "engine.environment" = "dev" }
  vpc_id             = "vpc-1"
  subnet_ids         = ["subnet-1", "subnet-2"]
}

run "the_ui_is_private" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY" && aws_mwaa_environment.this.airflow_version == "3.2.1"
    error_message = "private, Airflow 3.2.1"
  }
}

run "three_subnets_are_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-1", "subnet-2", "subnet-3"]
  }

  expect_failures = [var.subnet_ids]
}
