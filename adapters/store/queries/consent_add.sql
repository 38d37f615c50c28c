-- What a contractor says about figures across issuers.
INSERT INTO liability_consent (id, contractor, given, said_by, at)
VALUES ($1, $2, $3, $4, $5)
