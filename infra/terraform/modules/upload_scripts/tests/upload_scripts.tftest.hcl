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

run "every_script_of_the_folder" {
  command = plan

  variables {
    bucket           = "lake"
    source_directory = "../trigger/source"
    prefix           = "scripts/glue/"
  }

  assert {
    condition     = output.script_uris == { handler = "s3://lake/scripts/glue/handler.py" }
    error_message = "by name, without the suffix"
  }
}

run "a_prefix_ends_in_a_slash" {
  command = plan

  variables {
    bucket           = "lake"
    source_directory = "../trigger/source"
    prefix           = "scripts"
  }

  expect_failures = [var.prefix]
}
