"""Airflow's REST API on Amazon MWAA, reached with AWS credentials instead of a token.

https://docs.aws.amazon.com/mwaa/latest/userguide/access-mwaa-apache-airflow-rest-api.html
"""

import json
from typing import Any

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

SCHEME = "mwaa://"
_PREFIX = "/api/v2"
"""MWAA adds it."""


class MwaaTransport(httpx.BaseTransport):
    """Sends requests as `InvokeRestApi`; what Airflow answers, refusals included, comes back as it is."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._mwaa: Any = boto3.client("mwaa")

    def web_server(self) -> str:
        """URL of the environment's UI; raises botocore's errors where AWS refuses to tell."""
        found = self._mwaa.get_environment(Name=self._environment)["Environment"]
        return f"https://{found['WebserverUrl']}"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.ConnectError where AWS, not Airflow, refuses."""
        arguments: dict[str, Any] = {"Path": request.url.path.removeprefix(_PREFIX), "Method": request.method}
        if names := dict.fromkeys(request.url.params):
            arguments["QueryParameters"] = {name: request.url.params.get_list(name) for name in names}
        if content := request.read():
            arguments["Body"] = json.loads(content)
        try:
            answer = self._mwaa.invoke_rest_api(Name=self._environment, **arguments)
        except (BotoCoreError, ClientError) as error:
            answer = getattr(error, "response", {})
            if "RestApiStatusCode" not in answer:
                raise httpx.ConnectError(str(error), request=request) from error
        return httpx.Response(
            answer["RestApiStatusCode"], json=answer.get("RestApiResponse"), request=request
        )
