variable "buckets" {
  description = "Buckets by a short name, such as raw, bronze, silver, gold, scripts."
  type = map(object({
    name = string
    # Customer managed key; without one S3's own keys encrypt (SSE-S3).
    kms_key_arn = optional(string)
    # Who may reach the bucket at all, besides the account's root user; empty: whom IAM policies let.
    allowed_principal_arns = optional(list(string), [])
    # Whether the log services of S3 and CloudTrail deliver here.
    receives_logs = optional(bool, false)
    # Whether requests are logged at all, where enable_access_logs says so.
    access_logs   = optional(bool, true)
    force_destroy = optional(bool, false)
    # Bucket of another region that receives every new object.
    replica_arn         = optional(string)
    replica_kms_key_arn = optional(string)
    lifecycle_rules = optional(list(object({
      id                                     = string
      prefix                                 = optional(string, "")
      expiration_days                        = optional(number)
      noncurrent_expiration_days             = optional(number)
      expired_object_delete_marker           = optional(bool)
      abort_incomplete_multipart_upload_days = optional(number)
      transitions = optional(list(object({
        days          = number
        storage_class = string
      })), [])
    })), [])
  }))

  validation {
    condition = alltrue([
      for bucket in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", bucket.name))
    ])
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = length(distinct([for bucket in values(var.buckets) : bucket.name])) == length(var.buckets)
    error_message = "Two buckets must not have the same name."
  }
}

variable "enable_versioning" {
  description = "Keep overwritten and deleted objects. Replication needs it."
  type        = bool
  default     = true

  validation {
    condition     = var.enable_versioning || alltrue([for bucket in values(var.buckets) : bucket.replica_arn == null])
    error_message = "A bucket with a replica needs enable_versioning = true."
  }
}

variable "enable_encryption" {
  description = "State the default encryption: the bucket's KMS key where it has one, else SSE-S3, which S3 applies anyway."
  type        = bool
  default     = true

  validation {
    condition     = var.enable_encryption || alltrue([for bucket in values(var.buckets) : bucket.kms_key_arn == null])
    error_message = "A bucket with a KMS key needs enable_encryption = true."
  }
}

variable "enable_access_logs" {
  description = "Log every request to `access_log_bucket`."
  type        = bool
  default     = false
}

variable "access_log_bucket" {
  description = "Name of the bucket that receives access logs, under <bucket>/."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
