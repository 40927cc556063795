"""CloudFormation with resource types that moto leaves out of a stack, and outputs of change sets."""


def install() -> None:
    """Register the types; before the first stack. It loads moto's models of every service: seconds."""
    from local_aws.cloudformation import change_set, types  # noqa: F401, PLC0415 - to define them is to register them

    change_set.install()
