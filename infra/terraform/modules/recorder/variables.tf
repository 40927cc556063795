variable "name" {
  description = "Name of service, cluster and roles."
  type        = string
}

variable "image" {
  description = "Image of the recorder, by digest: <registry>/<name>@sha256:…"
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image ends in @sha256: and 64 hexadecimal digits, so that what runs cannot change under its tag."
  }
}

variable "products" {
  description = "Products that are recorded."
  type        = list(string)

  validation {
    condition     = length(var.products) > 0
    error_message = "The recorder needs one product or more."
  }
}

variable "bucket" {
  description = "The vault."
  type        = string
}

variable "environment" {
  description = "Variables of the engine."
  type        = map(string)
}

variable "cpu" {
  description = "Units of CPU, 1024 a processor."
  type        = number
  default     = 512
}

variable "memory" {
  description = "MiB."
  type        = number
  default     = 1024
}

variable "vpc_id" {
  description = "Network of the service."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets that reach the internet."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of logs and of the write-ahead files."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
