variable "name" {
  description = "Name of the job."
  type        = string
}

variable "description" {
  description = "What the job does."
  type        = string
}

variable "role_arn" {
  description = "Role that the job has."
  type        = string
}

variable "script_location" {
  description = "s3:// URI of the script until the first deployment; `lakehouse deploy` moves it on."
  type        = string

  validation {
    condition     = can(regex("^s3://[^/]+/.+\\.py$", var.script_location))
    error_message = "script_location is s3://<bucket>/<key>.py."
  }
}

variable "default_arguments" {
  description = "Arguments of every run. Those that name what was deployed are moved on by `lakehouse deploy`."
  type        = map(string)
}

variable "glue_version" {
  description = "Glue's version: 6.0 has Spark 4.1, Python 3.13 and Java 17."
  type        = string
  default     = "6.0"
}

variable "worker_type" {
  description = "Size of a worker."
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.025X", "G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X"], var.worker_type)
    error_message = "worker_type must be one that Glue has for Spark jobs, such as G.1X."
  }
}

variable "number_of_workers" {
  description = "Workers, the driver's among them."
  type        = number
  default     = 2

  validation {
    condition     = var.number_of_workers >= 2
    error_message = "number_of_workers must be 2 or more: one is the driver's."
  }
}

variable "timeout_minutes" {
  description = "After which a run is stopped."
  type        = number
  default     = 120
}

variable "max_concurrent_runs" {
  description = "Runs side by side; Airflow's pools keep one writer a table."
  type        = number
  default     = 10
}

variable "security_configuration" {
  description = "Glue security configuration: encryption of logs and bookmarks."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
