-- What could be told of a signer's revocation when its document was taken (R5). Its twin is ../postgres/0010_revocation.sql.
--
-- Documents from before have neither: nobody noted it.

ALTER TABLE document ADD COLUMN revocation TEXT
    CHECK (revocation IN ('not_asked', 'checked', 'unchecked'));
-- Why it could not be checked.
ALTER TABLE document ADD COLUMN revocation_why TEXT
    CHECK ((revocation_why IS NOT NULL) = (revocation IS 'unchecked'));
