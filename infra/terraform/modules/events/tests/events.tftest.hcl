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
  queue_name = "arrivals"
  landings = {
    ecommerce = { bucket = "lake", folders = { orders = "raw/orders", products = "raw/products" } }
  }
}

run "deliveries_alone_are_told" {
  command = plan

  assert {
    condition     = [for queue in aws_s3_bucket_notification.this["ecommerce"].queue : queue.filter_prefix] == ["raw/orders/", "raw/products/"]
    error_message = "one prefix for each dataset, with its slash"
  }
}

run "the_queue_is_encrypted" {
  command = plan

  assert {
    condition     = aws_sqs_queue.arrivals.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "SSE-SQS, with which S3 can send"
  }
}

run "a_slash_too_many_is_refused" {
  command = plan

  variables {
    landings = { ecommerce = { bucket = "lake", folders = { orders = "raw/orders/" } } }
  }

  expect_failures = [var.landings]
}
