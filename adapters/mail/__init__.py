"""How is a notice said by e-mail? Letters in two languages, one SMTP conversation for each, and what comes back.

A letter is made from a `registrar.mails.Mail`, sent once, and answered with a member of a closed set. This room sees
only that vocabulary: no table, no ledger.
"""
