variable "environment" {
  description = "Which environment this is; `schemaPolicy` of the contracts knows it by this name."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment must be dev or prod."
  }
}

variable "region" {
  description = "Region of everything but replicas."
  type        = string
  default     = "us-east-1"
}

variable "project" {
  description = "Beginning of the names of roles, queues, topics and functions."
  type        = string
  default     = "lakehouse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.project))
    error_message = "project has 2 to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "domains" {
  description = <<-EOT
    Domains and what they do not share. `buckets` maps layer to a bucket's name without the suffix, `*` standing for every
    layer not named; domains of one `job_prefix` share the Glue jobs and their role; data of a `restricted` domain is
    encrypted with a key of its own. `secrets` are names of secrets that its jobs read.
  EOT
  type = map(object({
    buckets    = map(string)
    job_prefix = string
    restricted = optional(bool, false)
    secrets    = optional(list(string), [])
  }))
  default = {
    ecommerce   = { buckets = { "*" = "ecommerce-lakehouse" }, job_prefix = "lakehouse-" }
    market_data = { buckets = { "*" = "market-data-vault" }, job_prefix = "lakehouse-market-data-" }
    clinical = {
      buckets = {
        "*"      = "metriccare-metadata"
        raw      = "metriccare-raw-data"
        bronze   = "metriccare-bronze-data"
        silver   = "metriccare-silver-data"
        rejected = "metriccare-silver-data"
        gold     = "metriccare-gold-data"
      }
      job_prefix = "lakehouse-clinical-"
      restricted = true
      secrets    = ["lakehouse/clinical/evidence-key"]
    }
    operations = { buckets = { "*" = "lakehouse-operations" }, job_prefix = "lakehouse-operations-" }
  }

  validation {
    condition     = alltrue([for domain in values(var.domains) : contains(keys(domain.buckets), "*")])
    error_message = "Every domain needs a bucket for `*`, the layers that are not named."
  }

  validation {
    condition = length(distinct(flatten([
      for domain in values(var.domains) : distinct(values(domain.buckets))
    ]))) == length(flatten([for domain in values(var.domains) : distinct(values(domain.buckets))]))
    error_message = "Two domains must not share a bucket: what a role may read is told by bucket."
  }

  validation {
    condition     = contains(keys(var.domains), "ecommerce")
    error_message = "The domain ecommerce must be there: its bucket keeps what is deployed for all."
  }
}

variable "bucket_suffix" {
  description = "End of every bucket's name, since S3 has one name space for all accounts; null: -<account id>."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether `terraform destroy` deletes buckets that hold objects."
  type        = bool
  default     = false
}

variable "administrator_arns" {
  description = "Principals, as ARN patterns, that keep access to every bucket besides the lakehouse's own roles and the roles <project>-admin, -deploy and -plan."
  type        = list(string)
  default     = []
}

variable "glue" {
  description = "Size of the Glue jobs."
  type = object({
    version           = optional(string, "6.0")
    worker_type       = optional(string, "G.1X")
    number_of_workers = optional(number, 2)
    timeout_minutes   = optional(number, 120)
  })
  default = {}
}

variable "runbooks_url" {
  description = "Where the pages of docs/runbooks are read, which alerts name; by default their path in the repository."
  type        = string
  default     = "docs/runbooks"
}

variable "log_retention_days" {
  description = "Days for which log groups keep their lines."
  type        = number
  default     = 365
}

variable "enable_network" {
  description = "Make a network of private subnets. MWAA and the recorder need it; Glue and Athena do not."
  type        = bool
  default     = true

  validation {
    condition     = var.enable_network || (!var.enable_mwaa && var.recorder == null)
    error_message = "MWAA and the recorder need enable_network = true."
  }
}

variable "network" {
  description = "Addresses, and zones by their letters: MWAA takes two."
  type = object({
    cidr  = optional(string, "10.20.0.0/20")
    zones = optional(list(string), ["a", "b"])
  })
  default = {}
}

variable "enable_mwaa" {
  description = "Make Airflow's environment."
  type        = bool
  default     = true
}

variable "mwaa" {
  description = "Size and openness of Airflow's environment."
  type = object({
    environment_class = optional(string, "mw1.small")
    workers           = optional(object({ min = number, max = number }), { min = 1, max = 2 })
    access_mode       = optional(string, "PRIVATE_ONLY")
  })
  default = {}
}

variable "enable_trigger" {
  description = "Make the function that starts runs through MWAA's API; its package must have been built."
  type        = bool
  default     = true
}

variable "trigger_package" {
  description = "Zip of the function, relative to the root."
  type        = string
  default     = "../../build/mwaa_trigger.zip"
}

variable "schedules" {
  description = "Runs by name, besides the schedules of the DAGs themselves."
  type = map(object({
    expression = string
    dag_id     = string
    conf       = optional(map(string), {})
  }))
  default = {}
}

variable "recorder" {
  description = "The recorder of market data: its image by digest and what it records; null for none."
  type = object({
    image    = string
    products = optional(list(string), ["BTC-USD", "ETH-USD"])
  })
  default = null
}

variable "enable_audit" {
  description = "Record every call of the account, and every read and write of restricted data."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told of failures."
  type        = list(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "Bill of a month that is told before it is reached; null for none."
  type        = number
  default     = null
}

variable "replica_region" {
  description = "Region that receives every object of silver and gold again; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.replica_region == null || var.replica_region != var.region
    error_message = "replica_region must be another region."
  }
}
