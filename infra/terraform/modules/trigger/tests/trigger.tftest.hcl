mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/lakehouse-trigger" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:lakehouse-trigger-failed" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/lakehouse-trigger" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name             = "lakehouse-trigger"
  package          = "versions.tf"
  environment_name = "lakehouse-dev"
  kms_key_arn      = "arn:aws:kms:us-east-1:123456789012:key/1"
}

run "it_calls_as_an_operator" {
  command = apply

  assert {
    condition     = strcontains(aws_iam_role_policy.this.policy, "arn:aws:airflow:us-east-1:123456789012:role/lakehouse-dev/Op")
    error_message = "not as an administrator"
  }

  assert {
    condition     = length(aws_scheduler_schedule.this) == 0 && length(aws_iam_role.scheduler) == 0
    error_message = "no schedule, no role of a scheduler"
  }
}

run "a_schedule_is_an_expression" {
  command = plan

  variables {
    schedules = { nightly = { expression = "daily", dag_id = "ecommerce" } }
  }

  expect_failures = [var.schedules]
}

run "a_package_must_be_built" {
  command = plan

  variables {
    package = "no-such.zip"
  }

  expect_failures = [var.package]
}
