data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  s3        = "arn:${local.partition}:s3:::"
  here      = "${var.region}:${local.account}"

  # A statement of an identity policy; both members that it may lack are given by name.
  trust = {
    for service in ["glue", "airflow", "airflow-env", "ecs-tasks", "lambda", "scheduler"] : service => {
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }
  }
  this_account_only = { StringEquals = { "aws:SourceAccount" = local.account } }
}
