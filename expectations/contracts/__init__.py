"""What every dataset and every table must look like, declared once.

What belongs here: the names, types, meanings, sensitivity and rules of the data, as plain declarations.
What does not: SQL that parses or judges (``assets/standard``), checks that run (``expectations.audits``),
anything about one company (``config/feeds``).
"""
