"""Is the OpenSRS sandbox the registrar that the facts describe?"""
