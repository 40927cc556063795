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

run "a_database_for_each_name" {
  command = plan

  variables {
    databases = { ecommerce_gold = "Tables of ecommerce, gold" }
  }

  assert {
    condition     = output.database_names == tolist(["ecommerce_gold"])
    error_message = "ecommerce_gold"
  }
}

run "athena_knows_no_hyphens" {
  command = plan

  variables {
    databases = { "ecommerce-gold" = "x" }
  }

  expect_failures = [var.databases]
}
