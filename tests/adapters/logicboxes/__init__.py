"""Tests of the LogicBoxes adapter."""
