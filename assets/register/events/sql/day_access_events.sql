-- The passes of a day, without whom they are of.
SELECT * FROM passes
