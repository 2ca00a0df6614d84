"""How fast is it, beside itself? Ratios measured in one run: `make bench`, or `python -m tests.benchmarks NAME …`."""
