variable "work_groups" {
  description = "Work groups by name."
  type = map(object({
    # s3://bucket/prefix/; who queries cannot send results elsewhere.
    output_location = string
    kms_key_arn     = optional(string)
    description     = optional(string, "Queries of the lakehouse")
    # A query that would read more is stopped; null for no limit.
    bytes_scanned_cutoff = optional(number)
  }))

  validation {
    condition     = alltrue([for group in values(var.work_groups) : can(regex("^s3://[^/]+/.*/$", group.output_location))])
    error_message = "output_location is s3://<bucket>/<prefix>/ with a slash at its end."
  }

  validation {
    condition     = alltrue([for group in values(var.work_groups) : coalesce(group.bytes_scanned_cutoff, 10485760) >= 10485760])
    error_message = "bytes_scanned_cutoff is 10 MB (10485760) or more: Athena takes no less."
  }
}

variable "force_destroy" {
  description = "Whether a work group with history can be deleted."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
