"""Is the nightly truth kept at the size of a company? Long nights, with their own command: `make night`."""
