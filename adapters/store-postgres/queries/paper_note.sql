-- Rows of a list that are not at fault.
INSERT INTO paper_row (list, line, number, deed, guarantee, starts, ends, terms)
SELECT $1, one.*
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[], $8::text[]) AS one
