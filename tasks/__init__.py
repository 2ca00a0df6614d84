"""When things happen: actors, the sweep, the schedule, and the wiring of rules, doors and settings."""
