"""Paths of S3 for moto's server: the same as moto's, with our responses."""

from moto.s3.urls import url_bases

from local_aws.s3.responses import StoredS3Response

url_paths = {
    "{0}/$": StoredS3Response.bucket_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)$": StoredS3Response.ambiguous_dispatch,
    "{0}/(?P<key_or_bucket_name>[^/]+)/$": StoredS3Response.ambiguous_dispatch,
    "{0}/(?P<bucket_name_path>[^/]+)/(?P<key_name>.+)": StoredS3Response.key_dispatch,
    "{0}/(?P<key_name>/.*)$": StoredS3Response.key_dispatch,
}

__all__ = ["url_bases", "url_paths"]
