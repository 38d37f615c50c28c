-- A row of a list that is not at fault.
INSERT INTO paper_row (list, line, number, deed, guarantee, starts, ends, terms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
