"""Addresses of Athena's API."""

from local_aws.athena.responses import LocalAthenaResponse

url_bases = [r"https?://athena\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": LocalAthenaResponse.dispatch}
