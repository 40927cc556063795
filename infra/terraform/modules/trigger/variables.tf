variable "name" {
  description = "Name of the function and of its role."
  type        = string
}

variable "package" {
  description = "Zip of source/, built by `make infra-package`."
  type        = string

  validation {
    condition     = fileexists(var.package)
    error_message = "The function's package is missing: run `make infra-package`."
  }
}

variable "environment_name" {
  description = "MWAA environment whose DAGs are run."
  type        = string
}

variable "airflow_role" {
  description = "Role of Airflow that the function has there."
  type        = string
  default     = "Op"

  validation {
    condition     = contains(["Admin", "Op", "User", "Viewer", "Public"], var.airflow_role)
    error_message = "airflow_role must be Admin, Op, User, Viewer or Public."
  }
}

variable "schedules" {
  description = "Runs by name: EventBridge expression, DAG, conf. The DAGs have schedules of their own; these are further ones."
  type = map(object({
    expression = string
    dag_id     = string
    conf       = optional(map(string), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(rate|cron|at)\\(.+\\)$", schedule.expression))])
    error_message = "expression is rate(…), cron(…) or at(…)."
  }
}

variable "kms_key_arn" {
  description = "Key of logs, variables and the queue of failed calls."
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
