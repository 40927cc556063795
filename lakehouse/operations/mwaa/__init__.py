"""What MWAA does with artifacts, and what goes wrong there: laid out, loaded and checked before an upload."""
