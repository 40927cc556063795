# CloudWatch reads metrics out of what runs write here.
resource "aws_cloudwatch_log_group" "metrics" {
  name              = var.metrics_log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
