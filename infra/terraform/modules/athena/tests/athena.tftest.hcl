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

run "the_work_group_decides_where_results_go" {
  command = plan

  variables {
    work_groups = { lakehouse = { output_location = "s3://lake/athena_queries/" } }
  }

  assert {
    condition     = one(aws_athena_workgroup.this["lakehouse"].configuration).enforce_workgroup_configuration
    error_message = "clients cannot choose another place"
  }

  assert {
    condition     = one(one(one(aws_athena_workgroup.this["lakehouse"].configuration).result_configuration).encryption_configuration).encryption_option == "SSE_S3"
    error_message = "results are encrypted"
  }
}

run "a_place_without_its_slash_is_refused" {
  command = plan

  variables {
    work_groups = { lakehouse = { output_location = "s3://lake" } }
  }

  expect_failures = [var.work_groups]
}
