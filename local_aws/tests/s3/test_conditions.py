"""Condition operators; expectations are from IAM's reference of condition operators."""

import pytest

from local_aws.identity.access import AccessRequest
from local_aws.identity.conditions import all_met
from local_aws.identity.principal import root_of

KEYS = {
    "aws:principalarn": ["arn:aws:iam::1:role/team/lake"],
    "aws:username": ["ann"],
    "aws:sourceip": ["10.1.2.3"],
    "aws:currenttime": ["2026-01-02T00:00:00Z"],
    "s3:max-keys": ["10"],
    "aws:tagkeys": ["a", "b"],
    "s3:prefix": ["home/ann/"],
    "flag": ["true"],
}
REQUEST = AccessRequest("s3:GetObject", root_of("123456789012"), KEYS)

MET = [
    {"StringEquals": {"aws:username": ["bob", "ann"]}},
    {"StringNotEquals": {"aws:username": ["bob", "eve"]}},
    {"StringEqualsIgnoreCase": {"aws:username": "ANN"}},
    {"StringLike": {"s3:prefix": "home/${aws:username}/*"}},
    {"StringNotLike": {"aws:username": "b*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"Bool": {"flag": True}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": "192.168.0.0/16"}},
    {"NumericLessThanEquals": {"s3:max-keys": "10"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"Null": {"aws:absent": "true"}},
    {"StringEqualsIfExists": {"aws:absent": "x"}},
    {"StringNotEquals": {"aws:absent": "x"}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["b", "c"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}},
    {"ForAllValues:StringEquals": {"aws:absent": "x"}},
]
NOT_MET = [
    {"StringEquals": {"aws:username": "Ann"}},
    {"StringNotEquals": {"aws:username": ["bob", "ann"]}},
    {"StringEquals": {"aws:username": "ann", "s3:prefix": "other"}},
    {"StringEquals": {"aws:absent": "x"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:*:role/*"}},
    {"Bool": {"flag": "false"}},
    {"NumericLessThan": {"s3:max-keys": "10"}},
    {"NumericEquals": {"aws:username": "1"}},
    {"Null": {"aws:username": "true"}},
    {"ForAnyValue:StringEquals": {"aws:absent": "x"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}},
    {"StringEquals": {"aws:username": "ann"}, "Bool": {"flag": "false"}},
]


@pytest.mark.parametrize("block", MET, ids=str)
def test_met(block):
    assert all_met(block, REQUEST)


@pytest.mark.parametrize("block", NOT_MET, ids=str)
def test_not_met(block):
    assert not all_met(block, REQUEST)
