"""Failures of a build."""


class ArtifactsError(RuntimeError):
    """The artifacts cannot be built or read; the message says what to do."""
