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

run "every_object_of_the_named_buckets" {
  command = plan

  variables {
    name         = "lakehouse-dev"
    log_bucket   = "logs"
    kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/1"
    data_buckets = ["clinic"]
  }

  assert {
    condition     = one(one(aws_cloudtrail.this.event_selector).data_resource).values == tolist(["arn:aws:s3:::clinic/"])
    error_message = "reads and writes of the clinic's objects"
  }

  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.is_multi_region_trail
    error_message = "nothing can be taken out unseen"
  }
}
