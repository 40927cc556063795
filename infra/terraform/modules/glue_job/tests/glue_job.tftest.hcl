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
  name              = "lakehouse-publish"
  description       = "publish"
  role_arn          = "arn:aws:iam::123456789012:role/lakehouse-glue"
  script_location   = "s3://lake/scripts/first/publish.py"
  default_arguments = { "--datalake-formats" = "delta" }
}

run "retries_are_airflows" {
  command = plan

  assert {
    condition     = aws_glue_job.this.max_retries == 0 && one(aws_glue_job.this.execution_property).max_concurrent_runs == 10
    error_message = "Glue retries nothing and runs domains side by side"
  }
}

run "one_worker_is_too_few" {
  command = plan

  variables {
    number_of_workers = 1
  }

  expect_failures = [var.number_of_workers]
}

run "a_script_is_on_s3" {
  command = plan

  variables {
    script_location = "publish.py"
  }

  expect_failures = [var.script_location]
}
