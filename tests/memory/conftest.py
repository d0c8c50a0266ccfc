"""Properties are about what holds, never about how fast this machine is today."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("memory", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("memory")
