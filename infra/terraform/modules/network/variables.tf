variable "name" {
  description = "Beginning of the names."
  type        = string
}

variable "region" {
  description = "Region of the endpoints' services."
  type        = string
}

variable "cidr" {
  description = "Addresses of the network."
  type        = string
  default     = "10.20.0.0/20"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15))
    error_message = "cidr is a network of /24 or larger, such as 10.20.0.0/20."
  }
}

variable "availability_zones" {
  description = "Zones, two or more; MWAA takes exactly two."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2
    error_message = "Two availability zones or more."
  }
}

variable "interface_endpoints" {
  description = "Services reached without the internet."
  type        = set(string)
  default     = ["athena", "glue", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs", "sts"]
}

variable "enable_internet" {
  description = "Whether private subnets reach the internet, through one NAT gateway: only the recorder needs it."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "Key of the flow logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which flow logs are kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
