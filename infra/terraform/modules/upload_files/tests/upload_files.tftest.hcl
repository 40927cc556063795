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

run "files_go_where_they_are_said_to" {
  command = plan

  variables {
    bucket      = "lake"
    tags        = { Owner = "data" }
    upload_file = { readme = { s3_location = "docs/versions.tf", source_location = "versions.tf" } }
  }

  assert {
    condition     = aws_s3_object.this["readme"].key == "docs/versions.tf" && aws_s3_object.this["readme"].tags["Owner"] == "data"
    error_message = "key and tags"
  }
}

run "a_missing_file_is_refused" {
  command = plan

  variables {
    bucket      = "lake"
    upload_file = { readme = { s3_location = "docs/x", source_location = "no-such-file" } }
  }

  expect_failures = [var.upload_file]
}
