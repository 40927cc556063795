"""Paths of CloudWatch Logs for moto's server, with our responses."""

from moto.logs.urls import url_bases

from local_aws.logs.responses import QueryableResponse

url_paths = {"{0}/$": QueryableResponse.dispatch}

__all__ = ["url_bases", "url_paths"]
