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
  topic_names    = { failures = "lakehouse-alerts", quality = "lakehouse-quality", delays = "lakehouse-delays" }
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/1"
  arrivals_queue = "lakehouse-arrivals"
  queues         = { "Arrivals that nobody deleted" = "lakehouse-arrivals-dead" }
  glue_jobs      = ["lakehouse-publish"]

  metrics_log_group     = "/lakehouse/metrics"
  domains               = ["ecommerce", "clinical"]
  rejected_share_limits = { "ecommerce.silver.orders" = 0.02 }
}

run "a_contracts_limit_is_an_alarm" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.rejected["ecommerce.silver.orders"].threshold == 0.02 &&
      aws_cloudwatch_metric_alarm.rejected["ecommerce.silver.orders"].dimensions ==
      tomap({ Domain = "ecommerce", Layer = "silver", Table = "orders" })
    )
    error_message = "the share and the table of the contract"
  }
}

run "each_domain_has_its_row" {
  command = plan

  assert {
    condition = toset([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
      widget.properties.metrics[0][3] if widget.properties.metrics[0][0] == "Lakehouse"
    ]) == toset(["ecommerce", "clinical"])
    error_message = "a row of the dashboard for each domain"
  }
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

run "alarms_name_their_runbook" {
  command = plan

  variables {
    runbooks_url = "https://runbooks.example"
  }

  assert {
    condition = endswith(
      aws_cloudwatch_metric_alarm.arrivals.alarm_description, "Runbook: https://runbooks.example/arrivals_old.md"
    )
    error_message = "where to read what to do"
  }
}

run "no_recorder_no_alarm" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.recorder) == 0 && length(aws_budgets_budget.month) == 0
    error_message = "what is not there is not watched"
  }
}
