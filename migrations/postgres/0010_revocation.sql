-- What could be told of a signer's revocation when its document was taken (R5). Its twin is ../sqlite/0010_revocation.sql.
--
-- Documents from before have neither: nobody noted it.

ALTER TABLE document
    ADD COLUMN revocation text COLLATE "C"
        CHECK (revocation IN ('not_asked', 'checked', 'unchecked')),
    ADD COLUMN revocation_why text,
    ADD CONSTRAINT document_why_unchecked
        CHECK ((revocation_why IS NOT NULL) = (revocation IS NOT DISTINCT FROM 'unchecked'));
COMMENT ON COLUMN document.revocation IS 'What could be told of the signer''s revocation; null for documents from before that was kept';
COMMENT ON COLUMN document.revocation_why IS 'Why it could not be checked';
