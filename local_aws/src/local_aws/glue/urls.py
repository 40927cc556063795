"""Paths of Glue for moto's server, with our responses."""

from moto.glue.urls import url_bases

from local_aws.glue.responses import RunningGlueResponse

url_paths = {"{0}/$": RunningGlueResponse.dispatch}

__all__ = ["url_bases", "url_paths"]
