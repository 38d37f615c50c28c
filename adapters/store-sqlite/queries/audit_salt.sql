-- A salt for what is kept beside an entry: neither an id nor a time, so that it may come from here.
SELECT randomblob(32) AS "salt!: Vec<u8>"
