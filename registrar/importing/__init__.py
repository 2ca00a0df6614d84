"""How does a company begin that has names elsewhere? Its names come in from a file, checked whole before one is written.

    the file ──▶ records ──▶ rows ──▶ staging ──▶ writing ──▶ the books ──▶ exporting ──▶ the same file
                     (each fault with its line)   (batches)

The file is read once and kept aside in a private table on disk, so that neither a million names nor a file that changes in
the meantime matter. It is UTF-8 CSV with a header line; `rows.COLUMNS` are its columns.
"""

from registrar.importing.checking import Check
from registrar.importing.exporting import export
from registrar.importing.rows import COLUMNS, Fault, Sold
from registrar.importing.staging import Staging
from registrar.importing.writing import Fate, Taken, take_in

__all__ = ["COLUMNS", "Check", "Fate", "Fault", "Sold", "Staging", "Taken", "export", "take_in"]
