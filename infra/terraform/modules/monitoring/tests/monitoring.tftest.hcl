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
  name           = "lakehouse-dev"
  topic_name     = "lakehouse-alerts"
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/1"
  arrivals_queue = "lakehouse-arrivals"
  queues         = { "Arrivals that nobody deleted" = "lakehouse-arrivals-dead" }
  glue_jobs      = ["lakehouse-publish"]
}

run "failures_are_told_without_their_message" {
  command = plan

  assert {
    condition     = !strcontains(one(aws_cloudwatch_event_target.glue.input_transformer).input_template, "message")
    error_message = "Glue's message may quote data"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.glue.event_pattern).detail.state == ["FAILED", "TIMEOUT"]
    error_message = "failures and time-outs"
  }
}

run "no_recorder_no_alarm" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.recorder) == 0 && length(aws_budgets_budget.month) == 0
    error_message = "what is not there is not watched"
  }
}
