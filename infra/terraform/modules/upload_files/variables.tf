variable "bucket" {
  description = "Bucket that receives the files."
  type        = string
}

variable "upload_file" {
  description = "Files by a name: `s3_location` is the key, `source_location` the file here."
  type = map(object({
    s3_location     = string
    source_location = string
    content_type    = optional(string)
  }))

  validation {
    condition     = alltrue([for file in values(var.upload_file) : fileexists(file.source_location)])
    error_message = "Every source_location must be a file."
  }

  validation {
    condition     = alltrue([for file in values(var.upload_file) : !startswith(file.s3_location, "/")])
    error_message = "s3_location is a key without a slash at its beginning."
  }
}

variable "kms_key_arn" {
  description = "Key of the objects; null: the bucket's default encryption."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the objects; S3 allows ten."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.tags) <= 10
    error_message = "S3 allows ten tags an object."
  }
}
