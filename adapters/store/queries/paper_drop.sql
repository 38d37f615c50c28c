-- Lists whose reader is gone before they were accepted.
DELETE FROM paper_list WHERE accepted_at IS NULL AND begun_at < $1
