variable "alias" {
  description = "Name of the key, without alias/."
  type        = string
}

variable "description" {
  description = "What the key encrypts."
  type        = string
}

variable "services" {
  description = "Services of AWS that use the key by themselves, such as sns.amazonaws.com; only for this account."
  type        = list(string)
  default     = []
}

variable "log_groups" {
  description = "Whether CloudWatch Logs encrypts groups of this account and region with it."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
