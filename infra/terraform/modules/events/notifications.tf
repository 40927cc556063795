resource "aws_s3_bucket_notification" "this" {
  for_each = var.landings

  bucket     = each.value.bucket
  depends_on = [aws_sqs_queue_policy.arrivals]

  dynamic "queue" {
    for_each = each.value.folders

    content {
      id            = "arrival-${queue.key}"
      queue_arn     = aws_sqs_queue.arrivals.arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = "${queue.value}/"
    }
  }
}
