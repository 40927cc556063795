"""What a run costs at list prices of us-east-1, USD.

Glue: https://aws.amazon.com/glue/pricing/, Athena: https://aws.amazon.com/athena/pricing/
"""

_DPU_HOUR = 0.44
_TERABYTE_SCANNED = 5.00
_SECONDS_AN_HOUR = 3600
_TERABYTE = 1024**4


def cost_usd(dpu_seconds: float, bytes_scanned: int) -> float:
    """An estimate: Athena's minimum of 10 MB a query and Glue's of a minute a run are not in it."""
    glue = dpu_seconds / _SECONDS_AN_HOUR * _DPU_HOUR
    return glue + bytes_scanned / _TERABYTE * _TERABYTE_SCANNED
