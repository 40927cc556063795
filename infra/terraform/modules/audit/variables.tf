variable "name" {
  description = "Name of the trail."
  type        = string
}

variable "log_bucket" {
  description = "Bucket that receives the trail; its policy must let CloudTrail deliver."
  type        = string
}

variable "data_buckets" {
  description = "Buckets of which every read and write of an object is recorded."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the trail; cloudtrail.amazonaws.com must be able to use it."
  type        = string
}

variable "topic_arn" {
  description = "Told of each delivered file; null for nobody."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
