-- A list of paper bonds begins to be noted.
INSERT INTO paper_list (id, issuer, entered_by, begun_at, taken, changed_at)
VALUES ($1, $2, $3, $4, 0, $4)
