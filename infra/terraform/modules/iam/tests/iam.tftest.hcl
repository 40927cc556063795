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
  project        = "lakehouse"
  region         = "us-east-1"
  scripts_bucket = "shared"
  glue_roles = {
    "lakehouse-"          = { name = "lakehouse-glue", buckets = ["shared"] }
    "lakehouse-clinical-" = { name = "lakehouse-clinical-glue", buckets = ["clinic"], secret_names = ["key"] }
  }
  mwaa = {
    role_name        = "lakehouse-mwaa"
    environment_name = "lakehouse-dev"
    source_bucket    = "shared"
    buckets          = ["shared", "clinic"]
    databases        = ["ecommerce_*"]
    work_groups      = ["lakehouse"]
    queue_arn        = "arn:aws:sqs:us-east-1:123456789012:arrivals"
    topic_arns       = ["arn:aws:sns:us-east-1:123456789012:alerts"]
    log_groups       = ["/lakehouse/metrics"]
  }
}

run "a_role_names_its_own_buckets" {
  command = plan

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.glue["lakehouse-clinical-"].policy).Statement :
      statement.Resource if statement.Sid == "OwnObjects"
    ]) == ["arn:aws:s3:::clinic/*"]
    error_message = "clinical's jobs have clinical's bucket"
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.glue["lakehouse-"].policy, "clinic")
    error_message = "the other jobs have not"
  }
}

run "secrets_are_for_who_has_some" {
  command = plan

  assert {
    condition     = !strcontains(aws_iam_role_policy.glue["lakehouse-"].policy, "secretsmanager")
    error_message = "no secret, no permission"
  }
}
