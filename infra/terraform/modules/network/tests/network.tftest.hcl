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
  name               = "lakehouse"
  region             = "us-east-1"
  availability_zones = ["us-east-1a", "us-east-1b"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/1"
}

run "private_by_default" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_internet_gateway.this) == 0
    error_message = "no way to the internet"
  }

  assert {
    condition     = [for subnet in values(aws_subnet.private) : subnet.cidr_block] == ["10.20.0.0/24", "10.20.1.0/24"]
    error_message = "a /24 for each zone"
  }

  assert {
    condition     = alltrue([for service in ["glue", "athena", "logs", "sns", "kms", "sts"] : contains(keys(aws_vpc_endpoint.interface), service)])
    error_message = "what the lakehouse calls has an endpoint"
  }
}

run "the_recorder_reaches_its_exchange" {
  command = plan

  variables {
    enable_internet = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "one NAT gateway"
  }
}

run "one_zone_is_too_few" {
  command = plan

  variables {
    availability_zones = ["us-east-1a"]
  }

  expect_failures = [var.availability_zones]
}
