"""A change set whose stack has the template that it brought."""

from moto.cloudformation import models


class AppliedChangeSet(models.ChangeSet):  # type: ignore[misc]
    """One change set; moto leaves the stack the outputs of the template before."""

    def apply(self) -> None:
        super().apply()
        self.stack.template_dict = self.template_dict
        self.stack.output_map = self.stack._create_output_map()


def install() -> None:
    """Make moto build our change sets."""
    models.ChangeSet = AppliedChangeSet
