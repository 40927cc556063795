variable "queue_name" {
  description = "Queue that Airflow's asset watchers read."
  type        = string
}

variable "landings" {
  description = "Buckets that take deliveries, by domain, and the folders in which files are delivered, by a name. Files that the pipeline moves elsewhere below raw/ are no arrivals."
  type = map(object({
    bucket  = string
    folders = map(string)
  }))

  validation {
    condition = alltrue(flatten([
      for landing in values(var.landings) : [
        for folder in values(landing.folders) : !endswith(folder, "/") && !startswith(folder, "/")
      ]
    ]))
    error_message = "A folder has no slash at its ends, such as raw/orders."
  }
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
