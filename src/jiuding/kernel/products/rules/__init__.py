"""Arithmetic of promises: rates, schedules, packs and versions, as pure functions."""
