"""Tests of what customers are sent by e-mail, against real servers on this machine."""
