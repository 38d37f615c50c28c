-- Their months are looked up.
DELETE FROM bond_moved
