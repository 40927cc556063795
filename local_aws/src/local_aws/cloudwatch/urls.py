"""Paths of CloudWatch for moto's server, with our responses."""

from moto.cloudwatch.urls import url_bases

from local_aws.cloudwatch.responses import WatchingResponse

url_paths = {"{0}/$": WatchingResponse.dispatch}

__all__ = ["url_bases", "url_paths"]
