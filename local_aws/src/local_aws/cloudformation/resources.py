"""A resource of a stack that is made by its own service's calls, on this server."""

import os
from typing import Any, Self

import boto3


class CalledResource:
    """What moto asks of a resource; the types say which calls make, change and delete it."""

    service: str
    type_name: str

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.type_name

    @staticmethod
    def cloudformation_name_type() -> str:
        """No property is the name: the calls tell it."""
        return ""

    def is_created(self) -> bool:
        return True

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        """Make it; returns its name."""
        raise NotImplementedError

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        """Bring it to these properties."""
        raise NotImplementedError

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        """Take it away."""
        raise NotImplementedError

    @classmethod
    def create_from_cloudformation_json(
        cls,
        _name: str,
        cloudformation_json: dict[str, Any],
        _account_id: str,
        region_name: str,
        **_: Any,
    ) -> Self:
        return cls(cls.create(cls._client(region_name), _plain(cloudformation_json["Properties"])))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,  # noqa: ARG003 - moto gives it by name
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,
    ) -> Self:
        properties = _plain(cloudformation_json["Properties"])
        cls.update(cls._client(region_name), original_resource.name, properties)
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], _account_id: str, region_name: str
    ) -> None:
        properties = _plain(cloudformation_json["Properties"])
        cls.remove(cls._client(region_name), resource_name, properties)

    @classmethod
    def _client(cls, region_name: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            cls.service,
            endpoint_url=f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
            region_name=region_name,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret: this server's own root
        )


def _plain(value: Any) -> Any:
    """Properties as JSON has them, without moto's lazy containers."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
