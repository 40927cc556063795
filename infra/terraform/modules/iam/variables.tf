variable "project" {
  description = "Beginning of the roles' names."
  type        = string
}

variable "region" {
  description = "Region of what the roles reach."
  type        = string
}

variable "glue_roles" {
  description = "Role of the Glue jobs of a prefix: its name, and what the domains that share it own."
  type = map(object({
    name         = string
    buckets      = list(string)
    kms_key_arns = optional(list(string), [])
    secret_names = optional(list(string), [])
  }))
}

variable "scripts_bucket" {
  description = "Bucket whose scripts/ is what was deployed."
  type        = string
}

variable "mwaa" {
  description = "What Airflow's environment reaches. `buckets` are those of all domains; `databases` are patterns of Glue databases."
  type = object({
    role_name        = string
    environment_name = string
    source_bucket    = string
    buckets          = list(string)
    databases        = list(string)
    work_groups      = list(string)
    queue_arn        = string
    topic_arns       = list(string)
    log_groups       = list(string)
    kms_key_arns     = optional(list(string), [])
  })
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
