"""Replication from a bucket to one in another region."""

ROLE = "arn:aws:iam::123456789012:role/replication"


def replica_of(s3, bucket):
    """A new bucket in another region; both keep versions."""
    name = f"{bucket[:55]}-replica"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for one in (bucket, name):
        s3.put_bucket_versioning(Bucket=one, VersioningConfiguration={"Status": "Enabled"})
    return name


def replicate(s3, bucket, replica, **rule):
    """Set the one rule of a bucket and return it: everything, but for what `rule` says otherwise."""
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{replica}"},
    } | rule
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": ROLE, "Rules": [rule]})
    return rule
