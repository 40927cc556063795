"""Moto's ECS, EC2 and Lambda, telling what clients compare with what they sent."""
