data "aws_region" "current" {}

locals {
  # A row of the dashboard for each domain: metric -> how the runs of an hour become one point.
  domain_metrics = {
    RecordsProcessed = "Sum", RecordsRejected = "Sum", DataQualityScore = "Minimum", ErrorRate = "Maximum",
    ProcessingTime   = "Maximum", Cost = "Sum",
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat([
      {
        type = "metric", x = 0, y = 0, width = 12, height = 6
        properties = {
          title  = "Arrivals that wait"
          region = data.aws_region.current.name
          metrics = [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.arrivals_queue],
            [".", "ApproximateAgeOfOldestMessage", ".", "."],
          ]
        }
      },
      {
        type = "metric", x = 12, y = 0, width = 12, height = 6
        properties = {
          title  = "Tasks of Spark that failed"
          region = data.aws_region.current.name
          metrics = [
            for job in sort(var.glue_jobs) :
            ["Glue", "glue.driver.aggregate.numFailedTasks", "JobName", job, "JobRunId", "ALL", "Type", "count"]
          ]
        }
      },
      ], [
      for cell in setproduct(range(length(var.domains)), range(length(local.domain_metrics))) : {
        type = "metric", x = 4 * cell[1], y = 6 + 4 * cell[0], width = 4, height = 4
        properties = {
          title  = "${var.domains[cell[0]]}: ${keys(local.domain_metrics)[cell[1]]}"
          region = data.aws_region.current.name
          period = 3600
          stat   = values(local.domain_metrics)[cell[1]]
          metrics = [
            ["Lakehouse", keys(local.domain_metrics)[cell[1]], "Domain", var.domains[cell[0]]],
          ]
        }
      }
    ])
  })
}
