output "script_uris" {
  description = "Name of the script, without its suffix, to s3:// URI."
  value       = module.files.uris
}
