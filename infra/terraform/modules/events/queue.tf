data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_sqs_queue" "arrivals" {
  name = var.queue_name
  # Keys of S3: S3 cannot send to a queue under the AWS managed key of SQS.
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  receive_wait_time_seconds = 20
  tags                      = var.tags
}

resource "aws_sqs_queue_redrive_policy" "arrivals" {
  queue_url = aws_sqs_queue.arrivals.id

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.queue_name}-dead"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "arrivals" {
  queue_url = aws_sqs_queue.arrivals.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "BucketsSend"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.arrivals.arn
        Condition = {
          ArnLike      = { "aws:SourceArn" = sort([for landing in values(var.landings) : "arn:${data.aws_partition.current.partition}:s3:::${landing.bucket}"]) }
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        }
      },
      {
        Sid       = "HttpsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.arrivals.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
