"""Does every registrar's adapter keep the same promises? They are tried here over real sockets, against each sandbox.

A promise is a test; a registrar is a description in `registrars`; `make contract` ends with the matrix of both.
"""
