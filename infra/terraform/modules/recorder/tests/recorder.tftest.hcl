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
  name        = "lakehouse-recorder"
  image       = "registry.example/lakehouse@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  products    = ["BTC-USD", "ETH-USD"]
  bucket      = "vault"
  environment = { LAKEHOUSE_STORAGE__BUCKET = "vault" }
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1"]
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1"
}

run "one_recorder_at_a_time" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.deployment_maximum_percent == 100 && aws_ecs_service.this.desired_count == 1
    error_message = "the write-ahead directory has one writer"
  }
}

run "a_tag_is_no_image" {
  command = plan

  variables {
    image = "registry.example/lakehouse:latest"
  }

  expect_failures = [var.image]
}
