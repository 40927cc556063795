variable "name" {
  description = "Beginning of the alarms' names, and the dashboard's."
  type        = string
}

variable "topic_names" {
  description = "Names of the topics `failures`, `quality` and `delays`, which Airflow, alarms and Glue tell."
  type        = object({ failures = string, quality = string, delays = string })
}

variable "metrics_log_group" {
  description = "Log group in which runs leave their metrics, in embedded metric format."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which that log is kept; CloudWatch keeps the metrics themselves for 15 months."
  type        = number
  default     = 90
}

variable "domains" {
  description = "Domains with a row of the dashboard each."
  type        = list(string)
  default     = []
}

variable "rejected_share_limits" {
  description = "Share of a run's rows that may be rejected, by the address of a table of silver."
  type        = map(number)
  default     = {}
}

variable "emails" {
  description = "Who is told; each confirms by a mail of AWS's."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "Key of the topics and the log group; events.amazonaws.com and cloudwatch.amazonaws.com must be able to use it."
  type        = string
}

variable "queues" {
  description = "Queues in which nothing should lie, by what it means."
  type        = map(string)
  default     = {}
}

variable "arrivals_queue" {
  description = "Queue of arrivals: an old message means that no watcher reads."
  type        = string
}

variable "arrivals_age_seconds" {
  description = "Age of the oldest arrival that is too old."
  type        = number
  default     = 3600
}

variable "glue_jobs" {
  description = "Jobs whose failures are told."
  type        = list(string)
}

variable "recorder" {
  description = "Cluster and service of the recorder; null for none."
  type        = object({ cluster = string, service = string })
  default     = null
}

variable "monthly_budget_usd" {
  description = "Bill of a month of which half, and all as forecast, is told; null for none."
  type        = number
  default     = null
}

variable "runbooks_url" {
  description = "Where the pages of docs/runbooks are read, which alarms name."
  type        = string
  default     = "docs/runbooks"
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
