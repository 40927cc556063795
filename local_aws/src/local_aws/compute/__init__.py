"""Moto's ECS and EC2, telling what clients compare with what they sent, and Lambda, whose functions run."""
