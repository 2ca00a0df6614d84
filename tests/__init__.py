"""Stories, tables and properties, wire files, faults."""
