variable "bucket" {
  description = "Bucket that receives the scripts."
  type        = string
}

variable "source_directory" {
  description = "Folder whose scripts are uploaded, without its subfolders."
  type        = string
}

variable "pattern" {
  description = "Which files are scripts."
  type        = string
  default     = "*.py"
}

variable "prefix" {
  description = "Beginning of the keys, ending in a slash."
  type        = string

  validation {
    condition     = endswith(var.prefix, "/") && !startswith(var.prefix, "/")
    error_message = "prefix ends in a slash and does not begin with one, such as scripts/glue/."
  }
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
