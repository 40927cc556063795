resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = var.queues

  alarm_name          = "${var.name}-${each.value}-not-empty"
  alarm_description   = "${each.key}. Runbook: ${var.runbooks_url}/queue_not_empty.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts["failures"].arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "arrivals" {
  alarm_name          = "${var.name}-arrivals-old"
  alarm_description   = "No watcher reads the queue of arrivals: is Airflow up, its triggerer alive, the DAG unpaused? Runbook: ${var.runbooks_url}/arrivals_old.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = var.arrivals_queue }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  threshold           = var.arrivals_age_seconds
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts["delays"].arn]
  ok_actions          = [aws_sns_topic.alerts["delays"].arn]
  tags                = var.tags
}

# What Airflow tells of a gate is one run; this is what the runs of a day add up to.
resource "aws_cloudwatch_metric_alarm" "rejected" {
  for_each = var.rejected_share_limits

  alarm_name          = "${var.name}-rejected-${each.key}"
  alarm_description   = "More rows of ${each.key} are rejected than its contract lets pass: `lakehouse rejected` explains them. Runbook: ${var.runbooks_url}/rejected_share.md"
  namespace           = "Lakehouse"
  metric_name         = "RejectedShare"
  dimensions          = zipmap(["Domain", "Layer", "Table"], split(".", each.key))
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts["quality"].arn]
  ok_actions          = [aws_sns_topic.alerts["quality"].arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "recorder" {
  for_each = var.recorder == null ? {} : { one = var.recorder }

  alarm_name          = "${var.name}-recorder-down"
  alarm_description   = "The recorder does not run: what the exchange sends now is lost. Runbook: ${var.runbooks_url}/recorder_down.md"
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = each.value.cluster, ServiceName = each.value.service }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts["failures"].arn]
  ok_actions          = [aws_sns_topic.alerts["failures"].arn]
  tags                = var.tags
}

# Airflow tells of its tasks; this is for runs that nobody follows any more.
resource "aws_cloudwatch_event_rule" "glue" {
  name        = "${var.name}-glue-failed"
  description = "A Glue run of the lakehouse failed"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = sort(var.glue_jobs), state = ["FAILED", "TIMEOUT"] }
  })
}

resource "aws_cloudwatch_event_target" "glue" {
  rule      = aws_cloudwatch_event_rule.glue.name
  target_id = "alerts"
  arn       = aws_sns_topic.alerts["failures"].arn

  # Without Glue's message, which may quote data.
  input_transformer {
    input_paths    = { job = "$.detail.jobName", run = "$.detail.jobRunId", state = "$.detail.state" }
    input_template = "\"Glue run <run> of <job>: <state>. Runbook: ${var.runbooks_url}/glue_run_failed.md\""
  }
}

# The message is AWS's own and links nothing: docs/runbooks/budget.md.
resource "aws_budgets_budget" "month" {
  for_each = var.monthly_budget_usd == null ? {} : { one = var.monthly_budget_usd }

  name         = "${var.name}-month"
  budget_type  = "COST"
  limit_amount = tostring(each.value)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator       = "GREATER_THAN"
    notification_type         = "ACTUAL"
    threshold                 = 50
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts["failures"].arn]
  }

  notification {
    comparison_operator       = "GREATER_THAN"
    notification_type         = "FORECASTED"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts["failures"].arn]
  }
}
