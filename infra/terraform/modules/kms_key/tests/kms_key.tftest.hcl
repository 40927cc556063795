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

run "services_use_it_for_this_account_only" {
  command = plan

  variables {
    alias       = "operations"
    description = "Logs"
    services    = ["sns.amazonaws.com"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "no other account's topics"
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "rotated"
  }
}
