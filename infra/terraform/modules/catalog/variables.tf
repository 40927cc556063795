variable "databases" {
  description = "Glue databases by name, each with what it holds."
  type        = map(string)

  validation {
    condition     = alltrue([for name in keys(var.databases) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "A database's name has lower-case letters, digits and underscores, a letter first."
  }
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
