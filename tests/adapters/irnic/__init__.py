"""Tests of the IRNIC adapter."""
