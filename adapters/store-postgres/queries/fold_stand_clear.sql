-- Of these nothing stands any more.
DELETE FROM bond_standing WHERE amount = 0 AND bonds = 0 AND held = 0
